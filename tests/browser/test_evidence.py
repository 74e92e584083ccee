"""What a failed test leaves in `test-results/`."""


def test_a_failure_leaves_pictures_console_and_log(visit, evidence, tmp_path):
    log = tmp_path / "server.log"
    log.write_text("of an earlier test\n")
    evidence.read_on(log)
    page = visit("?pattern=1110000")
    page.evaluate("console.warn('a word of warning')")
    with log.open("a") as file:
        file.write("of this test\n")
    files = evidence.save(tmp_path / "results", "test_name[with-a/slash]")
    assert [file.name for file in files] == [
        "test_name-with-a-slash-1.png",
        "test_name-with-a-slash-1.html",
        "test_name-with-a-slash-console.txt",
        "test_name-with-a-slash-server.log",
    ]
    picture, html, console, server_log = files
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "Seven segments, ten digits" in html.read_text()
    assert "page 1, warning: a word of warning" in console.read_text()
    assert "of this test" in server_log.read_text()
    assert "of an earlier test" not in server_log.read_text()
