"""One conference in two languages, with words of our own, in our text format."""

from __future__ import annotations

from pathlib import Path

CHINESE = """Title: 2019年5月23日外交部发言人陆慷主持例行记者会
Date: 2019-05-23
Speaker: 陆慷
URL: https://www.example.org/zh/t1666000.shtml

问：美国商务部将华为列入清单，路透社称有36家供应商受影响。中方对此有何评论？

答：中方反对美方滥用国家力量打压华为。我们敦促美方停止错误做法，为企业正常合作创造条件。

问：柏林的动物园何时能见到熊猫？

答：有关部门正在商量。

问：据报道，斯里兰卡爆炸造成253人死亡。你能否介绍中国公民的伤亡情况？

答：斯里兰卡爆炸发生后，中国驻斯里兰卡使馆立即启动应急机制，目前确认1名中国公民遇难，5人失联。
"""
ENGLISH = """Title: Foreign Ministry Spokesperson Lu Kang's Regular Press Conference on May 23, 2019
Date: 2019-05-23
Speaker: Lu Kang
URL: https://www.example.org/eng/t1666065.shtml

Q: The US Commerce Department put Huawei on a list, and Reuters says 36 suppliers are affected. What is your comment?

A: China opposes the US abusing state power to hold down Huawei. We urge the US to stop its wrong practice and to create
conditions for the normal cooperation of companies.

Q: When will the zoo show them?

A: I have nothing to announce, and the departments that take care of such matters will speak when the time has come.

Q: It is reported that the explosions in Sri Lanka killed 253 people. Can you tell us about Chinese casualties?

A: After the explosions in Sri Lanka the Chinese Embassy there started its emergency response at once. It is confirmed
so far that 1 Chinese citizen was killed and 5 are missing.
"""
OTHER_DAY = ENGLISH.replace("May 23", "May 24").replace("05-23", "05-24").replace("t1666065", "t1666066")


def write_bilingual(folder: Path) -> Path:
    """The pages in a folder: the conference in both languages, and one in English of another day."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"zh": CHINESE, "en": ENGLISH, "other": OTHER_DAY}.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder
