"""What the German phrasebook alone finds in lines written for this test, and what it leaves alone."""

import pytest

from holdfast.safety.detection.phrasebook import Phrasebook
from holdfast.safety.detection.rulebook import load_rulebook
from holdfast.safety.detection.verdict import Category, Level, Subject

DANGER = [
    ("suicide", "ich hab beschlossen mich umzubringen, es weiß keiner"),
    ("suicide", "ich denke seit Wochen an Selbstmord"),
    ("suicide", "ihr seid alle besser dran ohne mich"),
    ("suicide", "hab meinen Abschiedsbrief an Mama geschrieben"),
    ("suicide", "wil nich mer lebn bite hilf mir"),
    ("suicide", "wenn du diese Nachricht liest, bin ich nicht mehr da"),
    ("suicide", "das Leben ist mir zu schwer, ich will, dass es für immer aufhört"),
    ("suicide", "ich hab alles geregelt, die Kinder werden es später verstehen"),
    ("suicide", "wenn ich mutiger wäre, wäre ich längst tot"),
    ("suicide", "mein Sohn hat mir geschrieben, dass er nicht mehr existieren will"),
    ("suicide", "jede Nacht denk ich daran, nicht mehr da zu sein"),
    ("suicide", "kein bock mehr alter ich will sterben"),
    ("suicide", "niemand würde merken, wenn ich verschwinde"),
    ("suicide", "meine Freundin hat sich komisch verabschiedet und will zu ihrem toten Vater"),
    ("suicide", "ich hab es nicht verdient zu leben"),
    ("self_harm", "wenn ich wütend auf mich bin, verletze ich mich selbst"),
    ("self_harm", "ich ritze mich seit der siebten Klasse"),
    ("self_harm", "meine Arme sind wieder voller Blut, ich hab es auf dem Schulklo gemacht"),
    ("self_harm", "der Drang, mir weh zu tun, ist heute riesig"),
    ("self_harm", "meine kleine Schwester verletzt sich heimlich selbst"),
    ("harm_to_others", "ich schwöre dir, ich stech ihn ab wenn er rauskommt"),
    ("harm_to_others", "ich hab Angst, dass ich mein Baby schüttle"),
    ("harm_to_others", "ich bring das Messer morgen mit in die Schule, dann werden sie es bereuen"),
    ("harm_to_others", "mein Sohn sagt, er will alle in seiner Klasse umbringen"),
    ("harm_to_others", "ich träum davon sie zu erwürgen, irgendwann tu ich es"),
    ("harm_to_others", "mein Nachbar schreit, er zündet uns alle an"),
    ("harm_to_others", "dem schlag ich den Schädel ein, der kommt ins Krankenhaus"),
    ("harm_to_others", "ich hab Angst, dass ich durchdrehe und das Baby aus dem Fenster werfe"),
    ("abuse_or_neglect", "mein Stiefvater kommt nachts in mein Zimmer und fasst mich an"),
    ("abuse_or_neglect", "papa hat mich gestern wieder mit dem gürtel geschlagen"),
    ("abuse_or_neglect", "die Nachbarin wird von ihrem Mann verprügelt"),
    ("abuse_or_neglect", "er hat mich die Treppe runtergestoßen und mir den Arm gebrochen"),
    ("abuse_or_neglect", "mein Opa greift mir in die Unterhose"),
    ("abuse_or_neglect", "meine Stiefmutter sperrt mich ohne Essen ins Zimmer"),
    ("abuse_or_neglect", "ich hab Angst vor meinem Mann, er liest alle meine Nachrichten"),
    ("abuse_or_neglect", "im Heim lassen sie meinen Vater den ganzen Tag in der nassen Windel liegen"),
    ("abuse_or_neglect", "die Kinder nebenan sind seit zwei Tagen allein und weinen"),
    ("eating_disorder", "ich übergebe mich nach jeder Mahlzeit"),
    ("eating_disorder", "meine Tochter kotzt heimlich nach dem Essen"),
    ("eating_disorder", "ich hab solche Angst zuzunehmen, ich esse gar nichts mehr"),
    ("eating_disorder", "sobald ich esse, renn ich aufs Klo und breche alles aus"),
    ("eating_disorder", "ich erlaube mir nur zwei Äpfel am Tag"),
    ("eating_disorder", "meine Freundin ist magersüchtig und kippt in der Schule um"),
    ("eating_disorder", "ich find mich riesig, obwohl ich kaum noch was wiege"),
    ("psychosis_or_mania", "meine Nachbarn haben Kameras in meiner Wohnung versteckt"),
    ("psychosis_or_mania", "Gott hat mich auserwählt, ich habe einen Auftrag"),
    ("psychosis_or_mania", "die lesen meine Gedanken"),
    ("psychosis_or_mania", "jemand steuert meine Gedanken von außen"),
    ("psychosis_or_mania", "die Leute im Fernsehen reden über mich und lachen"),
    ("psychosis_or_mania", "meine Schwester schläft nicht, gibt alles Geld aus und sagt, sie sei auserwählt"),
    ("psychosis_or_mania", "da ist eine Stimme, die mir befiehlt zu schweigen"),
    ("psychosis_or_mania", "mein Vater glaubt, die Nachbarn wollen ihn vergiften"),
    ("substance_emergency", "mein Freund hat zu viel getrunken und wacht nicht auf"),
    ("substance_emergency", "meine Mitbewohnerin hat eine Überdosis, sie ist bewusstlos"),
    ("substance_emergency", "hab keine Ahnung wie viele Pillen geschluckt, alles wird schwarz"),
    ("substance_emergency", "sie hat eine Flasche Wodka getrunken, ist ganz kalt und bewegt sich nicht"),
    ("substance_emergency", "mein Sohn hat Spülmittel getrunken"),
    ("substance_emergency", "ohne Stoff zittere ich und kotze, ich halt das nicht aus"),
    ("medical_emergency", "ich hab starke Schmerzen in der Brust, die in den Arm ziehen"),
    ("medical_emergency", "mein Baby bekommt keine Luft"),
    ("medical_emergency", "bei meiner Mutter hängt der Mundwinkel und sie redet komisch"),
    ("medical_emergency", "ich spür meine linke Seite nicht mehr und kann nicht sprechen"),
    ("medical_emergency", "meine Oma ist ohnmächtig geworden und wacht nicht auf"),
    ("medical_emergency", "er hat sich mit der Kettensäge ins Bein geschnitten, das Blut spritzt"),
    ("medical_emergency", "mein Kind hat Erdnüsse gegessen, der Hals schwillt zu"),
    ("medical_emergency", "mein Herz sticht und ich hab kalten Schweiß seit heute früh"),
]

HARMLESS = [
    "ich lach mich tot über das video",
    "ich sterbe vor Langeweile in dieser Vorlesung",
    "ich schlag die Zeit mit Sudoku tot",
    "im Tatort wurde gestern der Kommissar erschossen",
    "hab mir beim Kochen in den Finger geschnitten",
    "meine Tochter schreit, weil sie kein Eis bekommt",
    "ich könnte meinen Drucker aus dem Fenster werfen",
    "mach Schluss für heute, bis morgen",
    "mein Bruder schlägt mich immer im Schach",
    "zwei Gläser Wein beim Italiener, sehr schöner Abend",
    "ich höre gern Stimmen aus dem Radio beim Einschlafen",
    "mein Baby schläft endlich durch",
    "ich kann nicht mehr, so viel Kuchen",
    "der Lehrer hat uns mit Vokabeln gequält",
    "ich hab am Samstag einen Erste-Hilfe-Kurs",
    "ich will im Boden versinken, so peinlich haha",
    "der Wirt haut mir immer auf die Schulter zur Begrüßung",
    "mein Sohn spielt ein Spiel, in dem man Zombies töten muss",
    "ich höre Stimmen im Flur, die Nachbarn kommen heim",
    "ich esse seit Januar kein Fleisch mehr",
    "die Kinder sind übers Wochenende bei der Tante, endlich Ruhe",
    "die Feuerwehr war heute in der Schule",
    "zu viel Kaffee getrunken, ich zittere",
    "danke für alles, ihr seid ein tolles Team",
    "tschüss Kilos, hallo Raclette",
    "mein Bewerbungsbrief ist fertig, wem schick ich ihn?",
    "der Film hat mir das Herz gebrochen",
    "er hat fürs Zeltlager ein Taschenmesser dabei",
    "bin die Treppe runtergefallen, nix gebrochen",
    "wir haben eine Kamera, um das Baby zu überwachen",
    "du bringst mich noch zum Lachen",
    "die Stimmen im Chor waren wunderschön",
    "hab das Mittagessen wegen einer Sitzung ausgelassen",
    "beim Blutabnehmen wär ich fast umgekippt",
    "ich schlafe schlecht bei der Hitze",
    "Schlüssel abgegeben und das Sofa verschenkt, Umzug geschafft",
    "alle wären froh, wenn wir früher gehen",
    "bin heute Abend allein, habt ihr einen Filmtipp?",
]

DENIED_OR_PAST = [
    "ich will nicht sterben, ich will nur schlafen",
    "ich habe mich noch nie selbst verletzt",
    "keine Sorge, ich habe keine Suizidgedanken",
    "früher wollte ich sterben, heute geht es mir gut",
    "ich höre keine Stimmen",
    "vor zehn Jahren hatte ich einen Selbstmordversuch",
    "nein, mein Mann schlägt mich nicht, er ist lieb",
]

ABOUT_SOMEBODY_ELSE = [
    "meine beste Freundin sagt, sie will sterben",
    "mein Bruder denkt daran, sich umzubringen",
    "meine Tochter ritzt sich",
    "meine Schwester erbricht sich nach dem Essen",
    "mein Cousin hört Stimmen",
    "mein Opa ist umgekippt und atmet nicht mehr",
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
