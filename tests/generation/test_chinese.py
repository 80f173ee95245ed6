"""What a Chinese statement is worth to a reader: substance, a question back, a refusal to comment, or nothing."""

from __future__ import annotations

import pytest

from rag.generation.select import Kind, kind_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我不了解你说的情况。", "declined"),
        ("我注意到有关报道。具体情况请向主管部门了解。", "declined"),
        ("关于第一个问题，我没有这方面的信息可以提供。", "declined"),
        ("对于乐天方面的表态，我不作评论。", "declined"),
        ("至于磋商的具体安排，建议你向商务部询问。", "declined"),
        ("你提到的报道我还没有看到。", "declined"),
        ("我们注意到有关报道。", "boilerplate"),
        ("中方在这一问题上的立场是一贯的、明确的。", "boilerplate"),
        ("关于有关情况，我们会及时发布消息，请你保持关注。", "boilerplate"),
        ("（记者笑）", "boilerplate"),
        ("我刚才已经回答了类似问题。", "boilerplate"),
        ("谁给了美国这种权利？是不是还在编造？", "rhetoric"),
        ("我们注意到有关报道。对此我们坚决反对。", "substance"),
        ("我们注意到有关报道，对这种行为表示谴责。", "substance"),
        ("中方坚决反对部署反导系统的立场是明确、一贯的。", "substance"),
        ("我不了解有关情况。中国政府一贯要求公民遵守当地法律。", "substance"),
        ("不知道美方对自己造成的风险怎么看待。", "substance"),
        ("双方就磋商问题保持着沟通，我没有听说有什么变化。", "substance"),
        ("应邀，外长将于下周访华。", "substance"),
        ("对中国不了解的人应当多来中国看看。", "substance"),
    ],
)
def test_what_a_chinese_statement_is(text: str, kind: Kind) -> None:
    assert kind_of(text) == kind
