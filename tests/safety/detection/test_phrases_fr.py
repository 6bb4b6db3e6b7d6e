"""What the French phrasebook alone finds in lines written for this test, and what it leaves alone."""

import pytest

from holdfast.safety.detection.phrasebook import Phrasebook
from holdfast.safety.detection.rulebook import load_rulebook
from holdfast.safety.detection.verdict import Category, Level, Subject

DANGER = [
    ("suicide", "j'ai décidé d'en finir, je n'en parlerai à personne"),
    ("suicide", "je pense au suicide depuis que j'ai perdu mon poste"),
    ("suicide", "j'veux plus être là, j'ai plus rien à faire ici"),
    ("suicide", "j'ai écrit ma lettre d'adieu à mes parents, pardon à tous"),
    ("suicide", "vous seriez tous plus heureux sans moi"),
    ("suicide", "je suis tanné de vivre, j'ai pus la force de continuer"),
    ("suicide", "la vie me pèse trop, j'ai envie que ça s'arrête pour de bon"),
    ("suicide", "je prépare mon départ, tout est rangé, les enfants comprendront plus tard"),
    ("suicide", "si j'avais du courage je serais déjà mort"),
    ("suicide", "mon ado m'a envoyé un sms où il dit qu'il ne veut plus exister"),
    ("suicide", "j'y pense chaque nuit, à ne plus être là"),
    ("suicide", "jpx plus, jveux crever frr"),
    ("suicide", "personne ne remarquerait ma disparition"),
    ("suicide", "ma copine m'a dit au revoir bizarrement et parle de rejoindre son père décédé"),
    ("suicide", "je ne mérite pas de vivre"),
    ("self_harm", "je me suis encore coupée les bras cette nuit"),
    ("self_harm", "je me mutile depuis l'été dernier"),
    ("self_harm", "j'ai encore les bras en sang, je l'ai fait dans les toilettes du lycée"),
    ("self_harm", "j'ai encore envie de me faire du mal, c'est plus fort que moi"),
    ("self_harm", "ma petite sœur se mutile en cachette"),
    ("harm_to_others", "je te jure que je vais le planter à la sortie"),
    ("harm_to_others", "si elle revient je lui tire dessus"),
    ("harm_to_others", "mon fils menace de poignarder sa sœur"),
    ("harm_to_others", "ils vont tous le regretter lundi, j'ai une arme"),
    ("harm_to_others", "je rêve de l'étrangler, un jour je passerai à l'acte"),
    ("harm_to_others", "mon voisin crie qu'il va tous nous brûler"),
    ("harm_to_others", "je vais lui casser la gueule, il va finir à l'hosto"),
    ("harm_to_others", "j'ai peur de craquer et de jeter le bébé"),
    ("abuse_or_neglect", "mon beau-père entre dans ma chambre la nuit et me touche"),
    ("abuse_or_neglect", "papa m'a encore donné des coups de ceinture"),
    ("abuse_or_neglect", "ma voisine se fait frapper par son compagnon"),
    ("abuse_or_neglect", "il m'a poussée dans l'escalier et m'a cassé le bras"),
    ("abuse_or_neglect", "mon grand-père met sa main dans ma culotte"),
    ("abuse_or_neglect", "ma belle-mère m'enferme dans ma chambre sans repas"),
    ("abuse_or_neglect", "j'ai peur de mon mari, il lit tous mes messages"),
    ("abuse_or_neglect", "les infirmiers laissent mon père dans ses excréments toute la journée"),
    ("abuse_or_neglect", "les enfants d'à côté sont seuls depuis deux jours et ils pleurent"),
    ("eating_disorder", "je vomis après chaque repas depuis deux mois"),
    ("eating_disorder", "ma fille se fait vomir et elle a la peau sur les os"),
    ("eating_disorder", "j'ai peur de grossir alors je saute tous les repas"),
    ("eating_disorder", "dès que je mange je cours aux toilettes pour tout rendre"),
    ("eating_disorder", "je ne m'autorise que deux pommes par jour"),
    ("eating_disorder", "mon amie est anorexique et s'évanouit en cours"),
    ("eating_disorder", "je me trouve énorme alors que je pèse presque plus rien"),
    ("psychosis_or_mania", "mes voisins m'espionnent avec des micros dans les murs"),
    ("psychosis_or_mania", "Dieu m'a choisi pour une mission"),
    ("psychosis_or_mania", "ils lisent dans mes pensées"),
    ("psychosis_or_mania", "quelqu'un contrôle mes pensées à distance"),
    ("psychosis_or_mania", "les gens à la télé parlent de moi et rient"),
    ("psychosis_or_mania", "ma sœur ne dort plus, elle dépense tout et dit qu'elle est l'élue"),
    ("psychosis_or_mania", "il y a une voix qui m'ordonne de me taire"),
    ("psychosis_or_mania", "mon père croit que les voisins veulent l'empoisonner"),
    ("substance_emergency", "mon ami a trop bu et il ne se réveille pas"),
    ("substance_emergency", "ma coloc a fait une overdose, elle est inconsciente"),
    ("substance_emergency", "j'ai gobé je sais pas combien de pilules, tout devient noir"),
    ("substance_emergency", "elle a bu une bouteille de vodka, elle est toute froide et ne bouge plus"),
    ("substance_emergency", "mon fils a avalé du produit vaisselle"),
    ("substance_emergency", "sans ma dose je tremble et je vomis, je tiens plus"),
    ("medical_emergency", "j'ai une douleur atroce dans la poitrine qui descend dans le bras"),
    ("medical_emergency", "mon bébé n'arrive pas à respirer"),
    ("medical_emergency", "ma mère a la bouche de travers et parle bizarrement"),
    ("medical_emergency", "je sens plus mon côté gauche, j'arrive pas à parler"),
    ("medical_emergency", "ma grand-mère a fait un malaise, elle est inconsciente"),
    ("medical_emergency", "il s'est ouvert la jambe avec la tronçonneuse, le sang gicle"),
    ("medical_emergency", "mon fils a mangé des cacahuètes, sa gorge gonfle"),
    ("medical_emergency", "j'ai le cœur qui serre et des sueurs froides depuis ce matin"),
]

HARMLESS = [
    "je suis morte de rire devant cette vidéo",
    "mon chef va me tuer si j'oublie encore la réunion",
    "je tue le temps avec un sudoku à la gare",
    "je veux plus vivre à Paris, le loyer est trop cher",
    "exposé sur la prévention du suicide pour vendredi",
    "j'ai mal aux jambes après le semi-marathon",
    "on les a massacrés trois à zéro",
    "ce chocolat est une tuerie",
    "je suis au régime sans gluten depuis janvier",
    "ma grand-mère prend des somnifères depuis des années sur ordonnance",
    "le coach nous a fouettés à l'entraînement, quelles courbatures",
    "mes voisins font la fête, j'entends de la musique",
    "on a bu deux verres de vin au restaurant, c'était parfait",
    "il a sauté du plongeoir de cinq mètres",
    "j'ai une formation aux premiers secours samedi",
    "j'ai envie de disparaître sous terre tellement j'ai honte haha",
    "le patron du bistrot me tape toujours dans le dos pour dire bonjour",
    "mon fils joue à un jeu où il faut tuer des zombies",
    "j'entends des voix dans le couloir, les voisins rentrent",
    "je ne mange plus de viande depuis janvier",
    "mes enfants sont seuls avec leur tante ce week-end, je respire",
    "les pompiers ont fait une démonstration à l'école",
    "j'ai bu trop de café, je tremble",
    "merci pour tout, vous êtes une équipe formidable",
    "adieu les kilos, bonjour la raclette",
    "ma lettre de motivation est écrite, à qui l'envoyer ?",
    "ça m'a brisé le cœur ce film",
    "il a un couteau suisse dans sa poche pour le camp scout",
    "je suis tombée dans l'escalier, rien de cassé",
    "on a mis une caméra pour surveiller le bébé",
    "tu vas me faire mourir de rire toi",
    "les voix de la chorale étaient magnifiques",
    "j'ai sauté un repas à cause d'une réunion",
    "prise de sang ce matin, j'ai failli tomber dans les pommes",
    "je dors mal avec cette chaleur",
    "j'ai rendu les clés de l'appart et donné le canapé",
    "tout le monde serait content si on partait plus tôt",
    "je me sens seule ce soir, vous me conseillez un film ?",
]

DENIED_OR_PAST = [
    "je ne veux pas mourir, je veux juste dormir",
    "je ne me suis jamais fait de mal",
    "je n'ai pas envie de me tuer, rassure-toi",
    "quand j'étais ado je voulais mourir, aujourd'hui je vais bien",
    "je n'entends pas de voix",
    "il y a dix ans j'ai fait une tentative de suicide",
    "non, mon mari ne me frappe pas, il est adorable",
]

ABOUT_SOMEBODY_ELSE = [
    "ma meilleure amie dit qu'elle veut mourir",
    "mon frère pense à se suicider",
    "ma fille se scarifie les bras",
    "ma sœur se fait vomir après les repas",
    "mon cousin entend des voix",
    "mon pote a avalé des cachets, il ne se réveille plus",
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
