"""What a reader can type in the documents is run here: the example configuration, the README's commands, the package."""
import os
import re
import subprocess

from harness import BUILD, ROOT, Instance


def text_of(path):
    with open(os.path.join(ROOT, path)) as file:
        return file.read()


def test_the_example_of_the_configuration_document_is_valid():
    example = re.search(r"```json\n(.*?)```", text_of("docs/configuration.md"), re.S).group(1)
    with Instance(example, geo=False) as instance:
        once = instance.export()
        assert instance.apply(once).stdout.startswith("nothing to change")
        assert [zone["name"] for zone in once["zones"]] == ["example.com"]


def test_every_file_that_a_document_links_to_is_there():
    for path in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", text_of(path)):
            assert os.path.exists(os.path.join(ROOT, target)), f"{path} links to {target}"


def test_every_command_says_how_it_is_used():
    meridian = os.path.join(BUILD, "bin", "meridian")
    listing = subprocess.run([meridian, "--help"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^  (\S+(?: \S+)?)  ", listing, re.M)
    assert len(names) >= 20
    for name in names:
        done = subprocess.run([meridian, *name.split(), "--help"], capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout.startswith(f"usage: meridian {name}"), name


def test_an_unknown_command_and_option_are_told_in_a_sentence():
    meridian = os.path.join(BUILD, "bin", "meridian")
    for words, sentence in ((["dance"], 'no command "dance"'), (["apply", "--fast", "x"], "no option --fast"),
                            (["apply"], "something is missing"), ([], "usage: meridian COMMAND")):
        done = subprocess.run([meridian, *words], capture_output=True, text=True)
        assert done.returncode == 2 and sentence in done.stderr, words
