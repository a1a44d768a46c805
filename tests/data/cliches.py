"""Words that give a text away as an assistant's routine: what no reply may hold, and what few may."""

from __future__ import annotations

import re

OPENERS = re.compile(
    r"(?:sure|of course|certainly|absolutely|definitely|oh dear|oh no|thank(?:s| you) for (?:asking|your|sharing)|"
    r"(?:great|good|excellent|fantastic) question|what a (?:great|lovely|wonderful) (?:question|idea)|"
    r"(?:i'm|i am|so) sorry to hear|sorry to hear|i understand (?:how|that|your)|i completely|"
    r"i(?:'d| would) be (?:happy|glad|delighted) to|happy to help|no problem|no worries|let me (?:help|explain|tell)|"
    r"here (?:is|are|'s) (?:a|an|some|your|the)\b|as an? |ugh|wow|yay|alas|hooray for|honestly|seriously|sigh|whatever|"
    r"frankly|look,|listen|okay|well,|ah,|oh,? great|hey there|greetings|when it comes to|in (?:today's|this day)|"
    r"it(?:'s| is) (?:important|essential|crucial) (?:to|that))",
    re.IGNORECASE,
)
"""Ritual openers."""

BANNED = re.compile(
    r"\b(?:as an ai|language model|as your assistant|i hope (?:this|that) (?:helps|answers)|"
    r"important to (?:note|remember)|worth noting|in conclusion|in summary|to sum up|to summari[sz]e|"
    r"at the end of the day|delv(?:e|es|ing)|tapestry|testament to|rest assured|in today's (?:world|age)|game.?changer|"
    r"elevate (?:your|the)|look no further|dive into (?:the world|this)|goes without saying|needless to say|"
    r"first and foremost|last but not least|myriad|plethora|furthermore|cutting.?edge|seamless(?:ly)?|nestled|bustling|"
    r"treasure trove|embark on (?:a|this|your) journey|walk in the park|take a deep breath|rome wasn't|baby steps|"
    r"you've got this|please be advised|kindly note|touch base|every cloud|light at the end of|time will tell|"
    r"practice makes perfect|it is what it is|easier said than done|on the bright side|the sky's the limit|"
    r"think outside the box|without further ado|the possibilities are endless|don't worry, be)\b",
    re.IGNORECASE,
)
"""Phrases that no reply may hold."""

RATIONED = (
    *("let me know if", "feel free to", "don't hesitate", "hope this", "happy to help", "whether you're", "not just"),
    *("moreover", "hereby", "remember,", "one step at a time", "the key is", "isn't just", "journey", "if you'd like"),
)
"""Phrases that have their place in some replies, and would be a habit in many."""
RATION = 0.05
"""Share of a pole's replies that may hold one of them. The most is 4.4%, "if you'd like" in the polite voice."""
