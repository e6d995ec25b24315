"""A diff as a comment: what matters first, safe to show, and never longer than a comment may be."""

from __future__ import annotations

from tests.review.conftest import Project, new_council

MARKER = "<!-- moothall diff -->"
LONGEST = 60_000


def test_the_whole_comment(project: Project) -> None:
    """The marker, the numbers, who has to agree, the table, what is planned, and the details folded."""
    project.edit("councils/alston.yaml", "10.1.8.0/24", "10.1.9.0/24")
    project.edit("councils/barton.yaml", "planned: true", "from: 2009-01-01")
    commit = project.git("rev-parse", "HEAD")[:12]

    ran = project.ask("diff", "HEAD", "--format", "markdown")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert (
        ran.stdout
        == f"""\
{MARKER}
### What this change does

**2 changed in place** · **1 restarted** · **1 replaced**
No data is lost.

It needs the agreement of `alston`, `barton`.

`HEAD ({commit})` → `the working tree`, as of 2008-06-01

| for | created | changed in place | restarted | replaced | destroyed | data lost | agreement |
|---|---|---|---|---|---|---|---|
| alston in dales |  | 2 | 1 | 1 |  |  | alston, barton |


**Planned**

- barton in ledger moves from no date to 2009-01-01


<details>
<summary>dales.alston.hill: 1 changed in place, 1 restarted, 1 replaced</summary>

- `partnerships/dales/councils/alston.yaml:10` `spec.network: 10.1.8.0/24 → 10.1.9.0/24`

```diff
± network network [ipamConfigs] (replace)
~ container ledger-gateway [uploads]
± container ledger-relay [networksAdvanced] (restart)
```

</details>

<details>
<summary>dales.alston.vale: 1 changed in place</summary>

- `partnerships/dales/councils/alston.yaml:10` `spec.network: 10.1.8.0/24 → 10.1.9.0/24`

```diff
~ container ledger-gateway [uploads]
```

</details>
"""
    )


def test_a_refusal_comes_first(project: Project) -> None:
    """What would be lost is said before any table."""
    line = next(line for line in project.file("partnership.yaml").read_text().splitlines(True) if "backup:" in line)
    project.edit("partnership.yaml", line, "")

    ran = project.ask("diff", "HEAD", "--format", "markdown")

    assert ran.returncode == 4
    assert "**1 data lost**" in ran.stdout
    assert ran.stdout.index("> [!CAUTION]") < ran.stdout.index("| for |")
    assert "> - dales.ledger.vale would lose the data in dales.ledger.vale.backups" in ran.stdout
    assert "No data is lost" not in ran.stdout


def test_a_large_change_is_cut_with_a_sentence(project: Project) -> None:
    """A change for a hundred councils still fits, and says what is left out."""
    for number in range(100):
        new_council(project, f"dale-{number:02}", number + 100)
    project.edit("partnership.yaml", "network: 10.1.1.0/24", "network: 10.1.16.0/21")
    project.edit("partnership.yaml", "network: 10.3.1.0/24", "network: 10.3.16.0/21")
    project.commit("A hundred join")
    project.edit("partnership.yaml", "domain: dales.test", "domain: a-much-longer-domain.for.all.the.dales.test")

    text = project.ask("diff", "HEAD", "--format", "markdown").stdout

    assert text.startswith(MARKER)
    assert LONGEST - 5_000 < len(text) <= LONGEST
    assert text.rstrip().endswith("stacks are left out here; `moothall diff` shows all of them.")
    assert text.count("<details>") == text.count("</details>")
    assert "| dale-99 in dales |" in text


def test_what_others_wrote_is_only_text(project: Project) -> None:
    """No markup, no mention, no escape sequence of a value gets out of its code span."""
    title = r'title: "`</summary>@everyone <img src=x> | **bold** ```"'
    project.edit("councils/alston.yaml", "title: Alston Council", title)
    project.edit("councils/alston.yaml", "10.1.8.0/24", "10.1.9.0/24")

    text = project.ask("diff", "HEAD", "--format", "markdown").stdout

    lines = [line for line in text.splitlines() if "@everyone" in line]
    assert len(lines) == 1
    assert lines[0].count("`") == 6
    assert lines[0].startswith("- `partnerships/dales/councils/alston.yaml:6` `")
    assert lines[0].endswith("`, with the agreement of `alston`")
    assert "\x1b" not in text
