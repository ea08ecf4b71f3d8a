"""Builders of pages like those of the European Commission."""

HEADING = "Signatories of the pledges"
ANCHOR = "ecl-inpage-Signatories-of-the-AI-Pact"


def europa_page(
    section: str,
    *,
    heading: str = f'<h2 id="{ANCHOR}">{HEADING}</h2>',
    after: str = "",
    title: str = "AI Pact | Shaping Europe’s digital future",
) -> bytes:
    """A page with menus, header and footer around the list; `after` comes below the list."""
    return f"""<!DOCTYPE html>
<html lang="en" dir="ltr">
<head><meta charset="utf-8"><title>{title}</title>
<script>var names = "<ul><li>Not a name</li></ul>";</script></head>
<body class="language-en ecl-typography path-node has-sidebar">
<a href="#main-content" class="ecl-link ecl-skip-link">Skip to main content</a>
<header class="ecl-site-header"><a href="https://commission.europa.eu/index_en">
<img alt="European Commission logo" src="/logo-ec--en.svg"></a>
<div class="ecl-site-header__language"><ul class="ecl-site-header__language-list">
<li><a href="/bg/policies/ai-pact">български</a></li><li><a href="/es/">español</a></li></ul></div>
<nav class="ecl-menu"><ul><li><a href="/en">Home</a></li><li>Policies</li></ul></nav></header>
<nav class="ecl-breadcrumb"><ol><li><a href="/en">Home</a></li><li>AI Pact</li></ol></nav>
<main class="ecl-u-pb-xl" id="main-content"><div class="ecl-page-header"><h1>AI Pact</h1></div>
<nav class="ecl-inpage-navigation"><div class="ecl-inpage-navigation__title">Page contents</div><ul>
<li><a href="#ecl-inpage-What-is-the-AI-Pact?">What is the AI Pact?</a></li>
<li><a href="#{ANCHOR}">{HEADING}</a></li></ul></nav>
<div class="ecl"><h2 id="ecl-inpage-What-is-the-AI-Pact?">What is the AI Pact?</h2>
<p>The Pact encourages organisations to plan ahead for the AI Act.</p>
<ul><li>Adopting an AI governance strategy to foster the uptake of AI in the organisation</li>
<li>Promoting AI awareness</li></ul>
{heading}
{section}
{after}
</div>
<div class="ecl-related-content"><h2>Related content</h2>
<ul><li><a href="/en/ai">AI Act</a></li></ul>
</div><div class="last-update"><h4>Last update</h4>9 October 2024</div></main>
<aside><h2>Big Picture</h2><ul><li>Artificial intelligence</li></ul></aside>
<footer class="ecl-site-footer"><h2>Contact us</h2><ul><li><a href="/w">Contact DG CONNECT</a></li>
<li>Cookies</li></ul></footer>
<script src="/js/ecl.js"></script></body></html>""".encode()


def items(*names: str) -> str:
    return "<ul>" + "".join(f"<li>{name}</li>" for name in names) + "</ul>"


def markdown_page(names: str, *, heading: str = f"{HEADING}\n{'-' * len(HEADING)}") -> bytes:
    """The same page as a converter to Markdown writes it."""
    return f"""

[Skip to main content](#main-content)

[![European Commission logo](/themes/logo-ec--en.svg)](https://commission.europa.eu/index_en)

[English](https://digital-strategy.ec.europa.eu/en/ai-pact)Close* [bgбългарски](/bg/ai-pact)
* [esespañol](/es/policies/ai-pact)

1. [Home](/en)
2. AI Pact

AI Pact
=======

Page Contents* [What is the AI Pact?](#ecl-inpage-What-is-the-AI-Pact?)
* [{HEADING}](#{ANCHOR})

What is the AI Pact?
--------------------

The [AI Act](/en/policies/regulatory-framework-ai) entered into force on August 1, 2024\\.

* Promoting AI awareness and literacy among staff

{heading}

*Some signatories may not appear immediately, but we are making sure to update the list.*

{names}


 #### Quick links

[AI Act](/en/policies/regulatory-framework-ai)

Related Content
---------------

### Big Picture

[AI Act](/en/policies/regulatory-framework-ai)

---

#### Last update

9 October 2024

[Print as PDF](/en/node/12158/printable/pdf)
""".encode()
