"""What the source says about a class: its text, its example, and the string below each attribute."""

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise


@cache
def attribute_texts(kind: type) -> dict[str, str]:
    """The string that stands below each annotated attribute of a class, in one line each."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
    texts: dict[str, str] = {}
    for statement, below in pairwise([*body, ast.Pass()]):
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        value = below.value if isinstance(below, ast.Expr) else None
        text = value.value if isinstance(value, ast.Constant) else ""
        texts[statement.target.id] = " ".join(text.split()) if isinstance(text, str) else ""
    return texts


def section(docstring: str, title: str) -> str:
    """The text of a section such as `Raises`, with its indentation taken away; empty when there is none."""
    _, mark, rest = docstring.partition(f"{title}:\n")
    lines: list[str] = []
    for line in rest.splitlines() if mark else []:
        if line and not line.startswith(" "):
            break
        lines.append(line)
    return inspect.cleandoc("\n" + "\n".join(lines)).strip()


def prose(docstring: str) -> str:
    """A docstring without its sections: what it is, in paragraphs of one line."""
    kept: list[str] = []
    skipping = False
    for line in inspect.cleandoc(docstring).splitlines():
        if line in {"Example:", "Raises:", "Args:", "Returns:"}:
            skipping = True
        elif line and not line.startswith(" "):
            skipping = False
        if not skipping:
            kept.append(line)
    paragraphs = "\n".join(kept).strip().split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs if one.strip())


def example(docstring: str) -> str:
    """The example of a docstring as plain Python; empty when there is none."""
    lines = section(inspect.cleandoc(docstring), "Example").splitlines()
    return "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")))
