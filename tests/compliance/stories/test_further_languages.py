"""Children are found in further languages of the countries in the rules; what only looks like it there is not."""

import pytest

from compliance.lexicon.lexicon import default_lexicon

FOUND = {
    "uk": (
        "Дитина на березі|маленька дівчинка з кошеням|хлопчики грають у м'яч|з немовлям на руках|"
        "школярі на екскурсії|йому 6 років|вихованці дитсадка|для дітей|6-річна чемпіонка|ДІТИ|"
        "дитячий майданчик|моя донечка|першокласники|онучка"
    ),
    "be": (
        "Дзіця спіць|дзяўчынка на арэлях|для дзяцей|хлопчыкі на рацэ|немаўля|школьнікі спяваюць|яму 5 гадоў|"
        "дзіцячы сад|наш сын|8-гадовая спартсменка|першакласнікі|унучка з бабуляй"
    ),
    "kk": (
        "Балалар ойнап жүр|балабақшада|сәбимен|бөбек ұйықтап жатыр|оқушылар мектепте|менің қызым|"
        "ұлым 5 жаста|жасөспірімдер|біздің немересі|7 жасар|балалардың суреті|нәресте"
    ),
    "uz": (
        "Bolalar bog'chada|chaqaloq uxlayapti|mening qizim|o'g'lim bilan|o'quvchilar|nevaram|6 yoshli|"
        "болалар|чақалоқ|боғчада|qizaloqlar|oʻgʻlim|egizaklar"
    ),
    "de": (
        "Kinder am Strand|ein Mädchen im Garten|unser Kind schläft|kleiner Junge mit Ball|5 Jahre alt|"
        "die 7-jährige Turnerin|Kindergeburtstag|Säugling|meine Töchter|in der Kita|Einschulung 2024|"
        "Schülerinnen der Klasse|KINDER"
    ),
    "es": (
        "Niños en la playa|una niña con flores|mi hijo y yo|bebé dormido|tiene 7 años|recién nacida|"
        "la guardería|mis nietos|adolescentes en el parque|un niño de 5 años|jardín de infancia|"
        "menores de edad"
    ),
    "fr": (
        "Des enfants au parc|une petite fille|un garçon avec un chien|mon fils|bébé qui dort|âgée de 6 ans|"
        "il a 9 ans|à la maternelle|les écoliers|nouveau-né|jeune garçon|ENFANTS"
    ),
    "tr": (
        "Çocuklar parkta|bebeğim|kızım ve ben|oğlumuz|anaokulu|küçük kız|6 yaşında|8 aylık|ilkokul öğrencisi|"
        "torunum|çocuğun topu|bebekler uyuyor"
    ),
}
LEFT_ALONE = """
дівчина з парасолькою
5 років тому
хлопец на матацыкле
тау мен өзен
Ұлы дала
tog va daryo
junge Frau im Regen
vor 5 Jahren in Berlin
a kind man
a kinder world
what kind of bird
El Niño brings rain
Nina Simone on stage
hace 5 años
una mujer con paraguas
enfant terrible
une femme sous la pluie
il y a 5 ans
kadın ve kedi
Kız Kulesi
Bebek Istanbul
der Hund und die Katze
"""


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in FOUND.items() for text in texts.split("|")]
)
def test_child_is_found(language: str, text: str) -> None:
    """Words in their forms, and ages, by the rule of that language or by one that reads alike."""
    assert default_lexicon().find(text), language


@pytest.mark.parametrize("text", LEFT_ALONE.strip().splitlines())
def test_words_of_other_things_are_left_alone(text: str) -> None:
    """Grown-ups, years that have passed, and words that mean a child in one language and something else in another."""
    assert default_lexicon().find(text) == ()
