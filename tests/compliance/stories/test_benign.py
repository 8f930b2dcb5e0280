"""Ordinary phrases of a photo site in both languages are not taken for children."""

import pytest

from compliance.lexicon.lexicon import default_lexicon

ENGLISH = """
sunset over the sea
old wooden boat near the lighthouse
snowy mountains at dawn
night city lights reflected in the river
autumn forest path
desert dunes under a clear sky
a field of lavender in Provence
sailing boats in the harbour
football match at the stadium
rainy street with umbrellas
milky way above the hills
lake in the fog
hot-air balloons over Cappadocia
a cup of coffee and fresh bread
birch grove in spring
tropical beach with palms
a stone bridge in Prague
cat on the window sill
my dog running in the park
young woman in a red dress
wedding of my friends
two men playing chess
the bride and the groom
an old man with a pipe
kidney beans in tomato sauce
baby blue sky over the bay
Baby's breath flowers in a vase
just kidding, it is Photoshop
cowboy on a horse
boycott of the film festival
my girlfriend in Rome
teeny tiny mushrooms
ten people on the stage
nineteen steps up the tower
chilled white wine
chili con carne
Babylon ruins
infantry parade
girder bridge under construction
Johnson and sons bakery
high school gym
driving school car
plant nursery in May
5 years ago in Kyiv
a 10-year-old whisky
12 years of experience
iPhone 12 and 50 mm lens
f 1.8, 1/250 s, ISO 100
Canon EOS 5D Mark III
3 days in Rome
room 7, floor 2
route 66
buoy in the bay
I do it by the book
a lad insane
a b c d e f g
vitamin K, I do take it
minor changes in A minor
youth hostel
student dormitory
grand piano on the stage
kite festival
skid marks on the asphalt
chalk cliffs
a goat and a sheep
puppies for sale
kittens in a basket
leather bag, 9 euros
Lake Baikal ice
photos by me, edited by you
"""
RUSSIAN = """
закат над морем
кот на подоконнике
горы в снегу
осенний лес после дождя
ночной город и огни
старый мост через реку
берёзовая роща весной
чашка кофе и круассан
девушка с зонтом под дождём
женщина в красном платье
мужчина с собакой
молодёжь на концерте
свадьба друзей
студенты на лекции
деталь старинных часов
детектив на ночь
дети́ектор
Детройт ночью
мальтийский рыцарь
мальчишник в Вегасе
дочерняя компания
сын полка, фильм
сон в летнюю ночь
бой часов на башне
тот самый дом
ребята из нашей команды
рёбра арки
5 лет назад в Крыму
10 лет опыта
пятилетний план
столетний дуб
в 2012 году
25-летний юбилей
школа танцев
первоклассный кофе
бизнес-класс
учитель музыки
и я не ты, а он
с утра у реки и в лесу
я и ты, мы и вы
от рок-концерта устал
по дороге в сад
до чаши озера
ботанический сад
кидать камни в воду
кидала на рынке
малый театр
надеть шляпу
видеть море
одеть пальто
диета и спорт
крохи хлеба на столе
чад от мангала
щенок и котёнок
телёнок на лугу
юность и зрелость
парень с гитарой
бабушка вяжет
дедушка рыбачит
семейный ужин
беременная женщина
Пушкин и Гоголь
дом 7, квартира 12
им 5 звёзд
фото 3 из 10
молодая пара на мосту
Дед Мороз и Снегурочка
урок рисования для взрослых
внутренний двор
внучатая
отрог хребта
деревянный сруб
дитерихс
"""
PHRASES = (ENGLISH + RUSSIAN).strip().splitlines()


@pytest.mark.parametrize("phrase", [phrase for phrase in PHRASES if phrase])
def test_harmless_phrase_is_not_blocked(phrase: str) -> None:
    """Kidneys, baby blue, adults, old whisky, spelled-out letters, short Russian words."""
    assert default_lexicon().find(phrase) == ()
