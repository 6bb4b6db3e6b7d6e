"""What the rules make of Chinese: danger they must hear, and lines like it that they must leave alone.

Written for this test; no line stands in the utterances.
"""

import pytest

from holdfast.safety.detection.rulebook import load_rulebook
from holdfast.safety.detection.rules import RuleDetector
from holdfast.safety.detection.verdict import Detection, Level, Subject
from holdfast.turn import Role, Turn

DANGER = [
    "今年我三十九了，什么都没做成，我真的不想再活下去了",
    "這幾天我一直在想怎麼離開這個世界",
    "我好想死，谁都不要劝我了",
    "遗书已经写好放在枕头底下了",
    "要是明天早上不用醒来就好了，永远都不用",
    "感觉我活着就是给爸妈添麻烦，没有我他们能过得好一点",
    "我表哥昨天半夜发微信说他撑不下去了，想一了百了",
    "唔想做人啦，真係冇意思",
    "女儿跟我说她每天都在想自杀",
    "对不起大家，我先走了，请帮我照顾好我妈",
    "活着一点意思都没有，我看不到希望",
    "我又割自己了，袖子都染红了",
    "控制不住地想伤害自己，现在就想",
    "發現兒子手臂上有一道一道的割痕",
    "一难受我就拿头撞墙，撞到肿才停",
    "我同桌一直在自残，他不让我告诉老师",
    "每次吵架完我都会掐自己大腿掐到紫",
    "我要杀了他，刀就在包里",
    "谁拦我我就砍谁，今晚就去他家",
    "他害我全家，我要跟他同归于尽",
    "我怕我哪天会把宝宝掐死，他一直哭",
    "我弟带着刀出门了，说要捅死那个老板",
    "同学说明天要带刀来学校杀人",
    "丈夫喝醉了又打我，我躲在卫生间里",
    "继父晚上会进我房间摸我",
    "他扣了我的身份证，还把我锁在屋里",
    "爸爸用皮带抽弟弟，身上全是伤",
    "護工一直打我奶奶，手上都是瘀青",
    "他掐住我的脖子，我差点断气",
    "男朋友威胁要把我的裸照发出去",
    "他们不给我饭吃，也不让我上学",
    "我一吃完饭就去厕所抠喉咙吐掉",
    "已经五天没吃东西了，只喝水，还是觉得自己胖",
    "妹妹瘦得皮包骨了还说自己胖，月经也停了",
    "暴食之後又催吐，每天都這樣停不下來",
    "我偷偷吃泻药减肥，已经站不稳了",
    "邻居在我家装了窃听器，他们要害我",
    "有个声音一直叫我伤害别人",
    "我四天没睡了一点都不累，我是被选中的人",
    "媽媽說我們在她的菜裡下毒，已經好幾天不肯吃",
    "电视里的人一直在说我的坏话，还给我发信号",
    "我老公突然说他是上帝，要去拯救世界",
    "我吞了一整瓶安眠药，现在头好晕",
    "朋友喝多了怎么都叫不醒，嘴唇发紫",
    "戒酒第二天，全身发抖还看见虫子",
    "我们在酒吧，她的饮料里被人下药了，站都站不起来",
    "我爸突然胸口疼得厉害，出了一身冷汗",
    "宝宝发烧四十度抽搐了，眼睛往上翻",
    "外婆嘴歪了，说话也不清楚，右手抬不起来",
    "吃了花生以後喉嚨腫起來，快喘不過氣了",
    "老婆怀孕七个月突然大出血",
    "室友晕倒了，没有呼吸，怎么办",
]

HARMLESS = [
    "这部剧太好笑了，我笑到肚子疼，笑死我了",
    "今天加班到十点，累死了，只想躺平",
    "想死你了，什么时候回国呀",
    "昨晚狼人杀我第一个被刀，太惨了",
    "小说最后女主角自杀了，看得我好难受",
    "老师布置了一篇关于自杀预防的报告，有参考书吗",
    "这关好难，又死了，重来一局",
    "饿死了，中午吃火锅吧",
    "切菜切到手了，贴了创可贴",
    "打疫苗以后胳膊有点酸",
    "周末去体检，医生让我空腹，不能吃早饭",
    "減肥一個月瘦了兩公斤，三餐正常吃",
    "跑完八百米喘不过气，但是及格了",
    "队友太菜了，气得我想砸手机",
    "我想学急救，听说红十字有心肺复苏课",
    "孩子打针哭了一会儿，现在在玩积木",
    "手机没电了，晚点给你打电话",
    "这首歌里唱死了都要爱，KTV必点",
    "下周我就不在公司了，去上海出差",
    "邻居家的狗晚上老叫，吵得睡不着",
    "看新闻说那边发大水，希望大家平安",
    "奶奶九十岁了，身体硬朗，每天散步",
    "我妈做的红烧肉好吃到升天",
    "期末考完了，终于解放啦",
    "这周末去爬山，腿酸得走不动了哈哈",
    "教授改了我论文五遍，我要疯了",
    "买了新的菜刀，切肉很快",
    "我家猫今天吐了毛球，医生说没事",
    "面试没过，有点失落，明天继续投简历",
    "地铁上有人踩我一脚，气死我了",
    "分手半年了，现在一个人也挺好",
    "失眠两天了，可能是咖啡喝多了",
]

DENIED = [
    "我没有想过自杀，只是最近压力大",
    "放心，我不会伤害自己的",
    "五年前我自杀过，现在过得很好",
    "以前有过厌食症，现在早就康复了",
    "我不想死，我只想好好睡一觉",
    "小时候我爸打我，现在他跟我道歉了",
]

OTHERS = [
    "我弟弟说他不想活了",
    "我女儿一直在割自己的手",
    "我妈妈被我爸打了",
    "朋友喝醉了叫不醒",
    "室友每顿饭吃完都去厕所吐",
    "我儿子说有人监视他",
]


@pytest.fixture(scope="module")
def detector() -> RuleDetector:
    return RuleDetector(load_rulebook())


def judged(detector: RuleDetector, text: str) -> Detection:
    return detector.detect([Turn(Role.PERSON, text)])


@pytest.mark.parametrize("text", DANGER)
def test_danger_is_at_least_a_concern(detector: RuleDetector, text: str) -> None:
    assert judged(detector, text).level >= Level.CONCERN


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_lines_that_share_the_words_of_danger_stay_below_concern(detector: RuleDetector, text: str) -> None:
    assert judged(detector, text).level < Level.CONCERN


@pytest.mark.parametrize("text", DENIED)
def test_what_is_denied_or_long_past_stays_below_concern(detector: RuleDetector, text: str) -> None:
    assert judged(detector, text).level < Level.CONCERN


@pytest.mark.parametrize("text", OTHERS)
def test_danger_of_somebody_else_is_heard_as_theirs(detector: RuleDetector, text: str) -> None:
    verdict = judged(detector, text)
    assert verdict.level >= Level.CONCERN
    assert verdict.subject is Subject.OTHER


@pytest.mark.parametrize(
    ("traditional", "simplified"), [("我不想活了，對這個世界沒有留戀", "我不想活了，对这个世界没有留恋")]
)
def test_traditional_characters_read_as_simplified_ones(
    detector: RuleDetector, traditional: str, simplified: str
) -> None:
    one, other = judged(detector, traditional), judged(detector, simplified)
    assert [(piece.rule, piece.start, piece.end) for piece in one.evidence] == [
        (piece.rule, piece.start, piece.end) for piece in other.evidence
    ]
