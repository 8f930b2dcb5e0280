"""What is left alone lets no child through beside it: a dog is a good boy, the boy with the dog is found."""

import pytest

from compliance.lexicon.lexicon import default_lexicon

FOUND = """
my boy is a good boy, he is 5
a good boy at his birthday
good boy
good girls
such a good girl in a pink dress
хороший мальчик
хорошие девочки
мой мальчик хороший мальчик, ему 5
a child and a dog
a dog and a good boy with a ball
a dog with a baby
dogs and the kids
the dog and a kid
a woman walks the dog with her baby
a woman, a cat and her babies
a mother with her dog and her baby
baby and dog
baby petting cat
baby, dog and cat on the sofa
newborn with cat
newborn, cat, sofa
infant, dog
cat, baby
dog boy
dog girl
#dog #boy #beach
#girl #dog
собака девочка
собака и мальчик
кот и ребенок
кот, ребенок
собака лизнула ребенка
малыш и щенок
малыш, кот
малыш кот
мальчик собака
девочка с котом
рядом с собакой девочка 5 лет
собака девочка 5 лет
Оленька девочка 5 лет
Лев мальчик 5 лет
Рома 5 лет
5 летний Рома
Рома, 5 лет, и его машина
5 years old petting dog
5 year old with dog
Max, 5 years old, and his dog
5 year old Rose
5 year old piano player
5 year old piano prodigy
our little monkey is 5
our little bear is 5 years old
Joey is 5 years old
Tim aged 5 years
aged 5 years girl smiling
girl aged 5 years with a dog
in the house 5 year old girl sleeps
мальчик в музее, 5 лет
в театре детям 5 лет
водитель 1 класса мальчик
рейс школьника 3 класса
место 3 класса на олимпиаде
1 место, 3 класс
капитан 5 класса
5 класс, поездка в Казань
3 класс, защита проекта
ученица 3 класса защиты
grade 5 of our school
year 3 building blocks
junior lieutenant with a child
junior lieutenant and his son, 5
младший лейтенант с сыном 5 лет
капитан третьего ранга с ребенком
girl boss, 8
girl on the train looks out
girl before a mirror
a funny girl in a hat
a brown eyed girl smiles
two black kids playing
kids in the hall waiting
cool kids by the pool
a drummer boy in a parade
our wild child
my karate kid
our karate kid at the film premiere
a story about a boy
baby Jane, 3 weeks
baby Jane 3 weeks
lost boys found in the woods
the kids are alright
our little rascals
a blue boy's jacket
lazy boy sleeps till noon
my son and 30 balloons
my son, 16 June
сын и 40 шаров
сын 16 марта
мне 30 лет, сыну 5
мужу 35 лет, дочь рядом
взрослые, дети и собаки
взрослые и дети
взрослые детские билеты
married girls of twelve
child, window, light
kids boots
kids, books, toys
children, furniture
девочка на шаре
девочка со спичками
трудный ребёнок
роман, малыш
группа детства
фильм про девчат
девчата на поле
дети света
the goat and the kids of our class
a horse girl
puppy boy
кролик с малышом
a good boy and his dog
his dog and a good boy
хорошая девочка с собакой
собака и хороший мальчик
мама, собака и её дети
мальчик ищет дом для собаки
девочка, 5 лет, и собака ищет дом
twenty six-year-olds
дети капитана
a man, his dog and a toy for the baby
Chloe 5 months
Isla, 6 weeks
Chloe, 3, and Max, 5
a boy with a toy dog
a boy throws a toy to his dog
a kid with a puppy
teenage girl with cat
a toddler, a puppy, a kitten
щенок и подросток
детёныш и дети
bunny baby shower
bear cub and boy
a tiger cub and a child
мальчик со щенком хаски
little girl good boy dog
"""

LEFT_ALONE = """
the dog is a good boy
good boy, says the dog's bed
Хороший мальчик! Пёс принёс палку
малыш шпиц
a goat and her two kids
baby elephant
щенок, 3 месяца
наш кот, 12 лет
my son, 40
twenty five years old
Rum aged 5 years
каюта первого класса
class 2 laser
Gone Girl paperback
фильм «Девчата»
сын 30 лет
first class
a brown dog with a red toy
Rescue dog, 2 years old, needs a home
The Karate Kid film poster
дочери 45 лет
сын полка
"""


@pytest.mark.parametrize("text", FOUND.strip().splitlines())
def test_exception_lets_no_child_through(text: str) -> None:
    """A child beside an animal, a rank, a title, a thing or a grown-up; a title that describes somebody."""
    assert default_lexicon().find(text)


@pytest.mark.parametrize("text", LEFT_ALONE.strip().splitlines())
def test_what_only_sounds_like_a_child_is_left_alone(text: str) -> None:
    """Animals, ranks, titles, things and grown-ups, with nobody beside them."""
    assert default_lexicon().find(text) == ()
