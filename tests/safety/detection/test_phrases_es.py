"""What the Spanish phrasebook alone finds in lines written for this test, and what it leaves alone."""

import pytest

from holdfast.safety.detection.phrasebook import Phrasebook
from holdfast.safety.detection.rulebook import load_rulebook
from holdfast.safety.detection.verdict import Category, Level, Subject

DANGER = [
    ("suicide", "desde que me echaron tengo unas ganas enormes de morirme"),
    ("suicide", "mañana a esta hora ya no voy a existir, me mato y listo"),
    ("suicide", "che no quiero vivir más, en serio te digo"),
    ("suicide", "ya tomé la decisión, me voy a quitar la vida el domingo"),
    ("suicide", "mi familia va a estar mejor cuando yo no esté"),
    ("suicide", "me acuesto deseando no despertar nunca"),
    ("suicide", "profe, no le encuentro sentido a mi vida"),
    ("suicide", "kiero morirme xfa ayudenme"),
    ("suicide", "mi compañera de trabajo me dijo que piensa en suicidarse"),
    ("suicide", "le dejó una carta de despedida a su novia y no contesta, se quiere matar"),
    ("suicide", "estoy harta de vivir, que alguien me escuche"),
    ("suicide", "otra vez las ideas suicidas, no se van"),
    ("suicide", "no aguanto más"),
    ("self_harm", "ayer me corté otra vez y nadie se dio cuenta"),
    ("self_harm", "necesito hacerme daño para dejar de pensar"),
    ("self_harm", "mi prima se corta los brazos desde el verano"),
    ("self_harm", "llevaba un mes bien y volví a lastimarme"),
    ("self_harm", "no dejo de hacerme cortes cuando me peleo con mi vieja"),
    ("self_harm", "encontré a mi hijo cortándose en su pieza"),
    ("harm_to_others", "voy a matar a mi padrastro, ya no me importa nada"),
    ("harm_to_others", "tengo miedo de lastimar a mis hijos cuando me enojo así"),
    ("harm_to_others", "mi vecino juró que va a matar a su hermano"),
    ("harm_to_others", "ese tipo me las va a pagar, sé dónde vive"),
    ("harm_to_others", "mañana llevo la navaja al instituto y que se preparen"),
    ("harm_to_others", "tengo ganas de hacerle daño a mi jefe, pienso en eso todo el día"),
    ("abuse_or_neglect", "mi esposo me golpea cuando llega tomado"),
    ("abuse_or_neglect", "mi tío me toca cuando se queda a dormir"),
    ("abuse_or_neglect", "mi novio no me deja salir de la casa ni hablar con mi hermana"),
    ("abuse_or_neglect", "tengo miedo de mi papá, hoy viene borracho"),
    ("abuse_or_neglect", "la cuidadora le pega a mi abuela, le vi moretones"),
    ("abuse_or_neglect", "mi mamá nos deja encerrados sin comida todo el fin de semana"),
    ("abuse_or_neglect", "el padrastro le pega a la niña de al lado"),
    ("eating_disorder", "después de cenar siempre me provoco el vómito"),
    ("eating_disorder", "hace cinco días que no como nada, solo agua"),
    ("eating_disorder", "mi hermana dejó de comer y está en los huesos"),
    ("eating_disorder", "me veo gorda aunque peso cuarenta kilos"),
    ("eating_disorder", "tomo laxantes todos los días para bajar de peso"),
    ("psychosis_or_mania", "escucho voces que me insultan"),
    ("psychosis_or_mania", "me están vigilando por las cámaras de la calle, lo sé"),
    ("psychosis_or_mania", "la radio me manda mensajes en clave"),
    ("psychosis_or_mania", "llevo seis noches sin dormir y tengo una energía increíble"),
    ("psychosis_or_mania", "mi hijo dice que le pusieron un chip en la cabeza"),
    ("psychosis_or_mania", "soy el elegido y nadie lo entiende"),
    ("substance_emergency", "me tragué un montón de pastillas y estoy asustada"),
    ("substance_emergency", "mi hermana tomó demasiado y no despierta"),
    ("substance_emergency", "fumé algo raro y siento que el corazón me explota"),
    ("substance_emergency", "no puedo dejar de beber, tiemblo si no tomo"),
    ("medical_emergency", "me duele el pecho y me cuesta respirar"),
    ("medical_emergency", "mi abuelo se desmayó y no reacciona"),
    ("medical_emergency", "mi mamá tiene la boca torcida y habla raro"),
    ("medical_emergency", "estoy embarazada y estoy sangrando"),
    ("medical_emergency", "mi bebé está convulsionando, auxilio"),
    ("medical_emergency", "se me está cerrando la garganta, creo que es alergia"),
]

HARMLESS = [
    "me muero de ganas de verte el sábado",
    "jajaja me quiero morir, le dije mamá a la profe",
    "nos mataron en la final, qué baile nos dieron",
    "mi mamá me va a matar cuando vea el piso mojado",
    "esa canción me mata, la escucho todo el día",
    "voy a matar al mosquito que no me dejó dormir",
    "me corté el pelo cortito y me gusta",
    "me corté con el cuchillo haciendo la ensalada",
    "en la película el protagonista quiere suicidarse y lo salva un perro",
    "tengo que hacer una exposición sobre la prevención del suicidio",
    "el personaje oye voces en el segundo capítulo",
    "no puedo más con este calor",
    "no quiero vivir en la capital, prefiero el campo",
    "mi hijo no come verduras, algún truco?",
    "vomité en el bus por las curvas",
    "estoy a dieta porque se casa mi hermana",
    "mis vecinos me tienen loca con la obra",
    "me siguen mil personas en instagram",
    "mi jefe me tiene podrida con los informes",
    "me pegué un susto con el temblor",
    "ahora te toca a ti, a mí me tocó lavar ayer",
    "mi novio no me deja ganar nunca al ajedrez",
    "tomé demasiado café y no pude dormir la siesta",
    "me tomé dos cervezas con los del trabajo",
    "se me durmió la pierna en el cine",
    "me falta el aire cuando subo al tercer piso cargada de bolsas, tengo que hacer ejercicio",
    "mi perro no responde cuando lo llamo, está sordo el pobre",
    "el bebé no duerme y yo tampoco, pero es precioso",
    "qué manía tienes con ordenar todo",
    "el examen de anatomía me dejó muerta",
    "me desvivo por mis sobrinos",
    "Dios me habló al corazón en la misa del domingo",
]

DENIED_OR_PAST = [
    "no quiero morir, solo quiero dormir un rato",
    "nunca he pensado en suicidarme",
    "no, mi marido no me pega, es un santo",
    "cuando era adolescente me quería morir, hoy estoy feliz",
    "hace muchos años intenté suicidarme, ya pasó",
    "tuve anorexia hace diez años y ya estoy recuperada",
    "no oigo voces, doctora, solo me zumban los oídos",
]

ABOUT_SOMEBODY_ELSE = [
    "mi mejor amiga se quiere matar y no sé qué hacer",
    "mi papá no responde, se cayó en el baño",
    'mi hermano me escribió "ya no quiero vivir" y apagó el teléfono',
    "mi alumno se corta los brazos",
    "a mi vecina su marido le pega",
    "mi mamá cree que la persiguen y ya no sale",
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
