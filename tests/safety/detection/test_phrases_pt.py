"""What the Portuguese phrasebook alone finds in lines written for this test, and what it leaves alone."""

import pytest

from holdfast.safety.detection.phrasebook import Phrasebook
from holdfast.safety.detection.rulebook import load_rulebook
from holdfast.safety.detection.verdict import Category, Level, Subject

DANGER = [
    ("suicide", "faz semanas que só tenho vontade de morrer"),
    ("suicide", "já decidi, vou me matar no fim de semana"),
    ("suicide", "não quero mais viver, tô falando sério"),
    ("suicide", "estou cansada de viver, ninguém percebe"),
    ("suicide", "minha família ia ficar melhor se eu não existisse"),
    ("suicide", "peço todas as noites para não acordar"),
    ("suicide", "penso em suicídio quase todo dia"),
    ("suicide", "qro morre ngm me entende"),
    ("suicide", "o meu primo disse que se vai matar"),
    ("suicide", "minha prima falou que não quer mais viver"),
    ("suicide", "não vejo sentido em continuar"),
    ("suicide", "ela deixou uma carta de despedida e sumiu"),
    ("suicide", "não aguento mais essa vida"),
    ("self_harm", "me cortei de novo ontem à noite"),
    ("self_harm", "preciso me machucar para conseguir dormir"),
    ("self_harm", "a minha irmã corta-se às escondidas"),
    ("self_harm", "não consigo parar de me cortar"),
    ("self_harm", "vi cortes novos nos braços do meu filho"),
    ("self_harm", "tava bem há semanas e voltei a me machucar"),
    ("harm_to_others", "vou matar o meu chefe, não tenho mais nada a perder"),
    ("harm_to_others", "tenho medo de bater na minha filha quando ela grita"),
    ("harm_to_others", "meu vizinho ameaçou matar a mulher"),
    ("harm_to_others", "ele vai pagar pelo que fez, sei onde ele mora"),
    ("harm_to_others", "amanhã levo a faca pra escola"),
    ("harm_to_others", "sinto vontade de machucar meu padrasto"),
    ("abuse_or_neglect", "meu namorado me bate quando bebe"),
    ("abuse_or_neglect", "o meu tio mexe comigo quando ficamos sozinhos"),
    ("abuse_or_neglect", "meu marido não me deixa sair nem falar com a minha mãe"),
    ("abuse_or_neglect", "tenho medo do meu pai, ele chegou bêbado"),
    ("abuse_or_neglect", "a cuidadora bate na minha avó, ela tem hematomas"),
    ("abuse_or_neglect", "minha mãe me deixa sem comida quando fica brava"),
    ("abuse_or_neglect", "fui abusada pelo meu treinador"),
    ("eating_disorder", "vomito escondida depois do jantar"),
    ("eating_disorder", "estou há três dias sem comer"),
    ("eating_disorder", "minha irmã parou de comer, tá pele e osso"),
    ("eating_disorder", "me acho gorda, me peso dez vezes por dia"),
    ("eating_disorder", "tomo laxante todo dia pra emagrecer"),
    ("psychosis_or_mania", "ouço vozes que mandam em mim"),
    ("psychosis_or_mania", "estão me vigiando pela câmera do prédio, tenho certeza"),
    ("psychosis_or_mania", "a televisão fala comigo"),
    ("psychosis_or_mania", "não durmo há cinco dias e nunca estive tão bem"),
    ("psychosis_or_mania", "minha mãe acha que a vizinha quer envenenar ela"),
    ("psychosis_or_mania", "Deus me escolheu para salvar o mundo"),
    ("substance_emergency", "tomei um monte de remédios e tô com medo"),
    ("substance_emergency", "minha amiga bebeu demais e não acorda"),
    ("substance_emergency", "cheirei demais e o coração tá disparado"),
    ("substance_emergency", "não consigo parar de beber, acordo tremendo"),
    ("medical_emergency", "estou com uma dor forte no peito"),
    ("medical_emergency", "meu avô desmaiou e não responde"),
    ("medical_emergency", "a minha mãe está com a boca torta e a falar enrolado"),
    ("medical_emergency", "tô grávida e sangrando"),
    ("medical_emergency", "meu bebê está tendo uma convulsão"),
    ("medical_emergency", "não consigo respirar direito, a garganta tá fechando"),
]

HARMLESS = [
    "morri de rir com a tua mensagem",
    "tô morrendo de saudade de vocês",
    "quero morrer kkk chamei o chefe de pai",
    "matei a saudade do pão de queijo",
    "minha mãe vai me matar se souber da nota",
    "essa música acaba comigo, que linda",
    "vou matar essa barata",
    "cortei o cabelo e me arrependi",
    "me cortei descascando batata",
    "no filme o rapaz tenta se matar e a irmã aparece",
    "preciso fazer um trabalho sobre prevenção do suicídio",
    "o personagem ouve vozes no terceiro episódio",
    "não aguento mais esse calor",
    "não quero viver em São Paulo, prefiro o interior",
    "minha filha não come legumes, que faço?",
    "vomitei no carro por causa das curvas",
    "estou de dieta para o casamento da minha irmã",
    "o vizinho me deixa louca com a furadeira",
    "ganhei mil seguidores no instagram",
    "bateu uma saudade da faculdade",
    "o meu cão bate com o rabo em tudo",
    "meu irmão não me deixa ganhar no videogame",
    "tomei café demais e fiquei acordada até tarde",
    "bebi duas cervejas no churrasco",
    "dormi em cima do braço e ele ficou dormente",
    "estou cansada do trabalho, preciso de férias",
    "o gato não responde quando chamo",
    "o bebê não dorme e eu também não, mas é lindo",
    "quero sumir uns dias na praia",
    "a prova de física acabou comigo",
    "os meus filhos são tudo para mim",
    "Deus falou comigo na missa de domingo",
]

DENIED_OR_PAST = [
    "não quero morrer, só quero descansar",
    "nunca pensei em me matar",
    "não, meu marido não me bate, é um amor",
    "quando era adolescente eu queria morrer, hoje estou feliz",
    "há muitos anos tentei me matar, já passou",
    "tive anorexia há dez anos, hoje como de tudo",
    "não ouço vozes, doutora, só um zumbido",
]

ABOUT_SOMEBODY_ELSE = [
    "minha melhor amiga quer se matar e não sei o que fazer",
    "meu pai caiu no banheiro e não responde",
    'meu irmão me mandou "não quero mais viver" e desligou o celular',
    "meu aluno se corta",
    "o marido da minha vizinha bate nela",
    "a minha mãe acha que a perseguem e já não sai",
]


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    return load_rulebook().phrasebook


def worst(book: Phrasebook, text: str) -> Level:
    return max((finding.level for finding in book.find(text) if finding.alone), default=Level.NONE)


@pytest.mark.parametrize(("category", "text"), DANGER)
def test_danger_in_plain_words_is_at_least_a_concern(book: Phrasebook, category: str, text: str) -> None:
    found = {finding.category for finding in book.find(text) if finding.level >= Level.CONCERN and finding.alone}
    assert Category(category) in found


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_talk_stays_below_concern(book: Phrasebook, text: str) -> None:
    assert worst(book, text) < Level.CONCERN


@pytest.mark.parametrize("text", DENIED_OR_PAST)
def test_what_is_denied_or_long_over_stays_below_concern(book: Phrasebook, text: str) -> None:
    assert worst(book, text) < Level.CONCERN


@pytest.mark.parametrize("text", ABOUT_SOMEBODY_ELSE)
def test_danger_to_somebody_else_is_theirs(book: Phrasebook, text: str) -> None:
    grave = [finding for finding in book.find(text) if finding.level >= Level.CONCERN]
    assert {finding.subject for finding in grave} == {Subject.OTHER}
