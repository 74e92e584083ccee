"""A person's own table, from the file to the answer to a new row."""

from playwright.sync_api import expect

from tests.support.tables import fruit


def test_a_table_is_uploaded_learned_and_asked_and_stays(page, visit, go_to):
    visit("table")
    page.locator("input[type=file]").set_input_files(
        {"name": "Obst 2026.csv", "mimeType": "text/csv", "buffer": fruit(240)}
    )
    expect(page.get_by_text("semicolons between the cells, a decimal comma")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Obst 2026")
    page.get_by_role("button", name="Prepare this table").click()
    expect(page.get_by_text("rows to learn from")).to_be_visible()
    page.get_by_role("link", name="Train a network on it").click()
    expect(page.get_by_role("combobox", name="Task")).to_have_value("Obst 2026")
    page.get_by_text("Slow motion").click()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("All epochs are done.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("obst")
    page.get_by_role("button", name="Save model").click()
    expect(page.get_by_text("Every page can use it now")).to_be_visible()
    go_to(page, "Your table")
    answer = page.get_by_role("status").filter(has_text="confident")
    size, weight = (page.get_by_role("spinbutton", name=name) for name in ("größe", "gewicht"))
    for numbers, kind in ((("5", "100"), "Apfel"), (("11", "60"), "Melone")):
        for field, number in zip((size, weight), numbers, strict=True):
            field.fill(number)
            field.press("Enter")
        expect(answer).to_contain_text(kind)
    page.reload()
    expect(answer).to_contain_text("Melone")
    expect(size).to_have_value("11")
    expect(page.get_by_role("combobox", name="Table")).to_have_value("Obst 2026")
