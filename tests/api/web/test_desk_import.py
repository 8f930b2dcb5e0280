"""The desk takes posts in from files, in a real browser on the real service."""

import json
from pathlib import Path

from ingest.sources.table import TableSource
from tests.api.web.test_desk import in_browser
from tests.support.browser import Browser
from tests.support.desk_home import finds, house_of, served, waiting, word
from tests.support.http_client import client_from
from tests.support.small_world import photo_file

TABLE = "\r\n".join(
    [
        "id;text;tags;attrs.year;attrs.code;attrs.warm;captions;attrs",
        'a;"Тихий ""вечер""; у моря";sea, evening;2024;007;TRUE;;"{""place"": ""Тверь""}"',
        'b;"two\nlines";;1.50e3;;;"[{""text"": ""A pier"", ""author"": ""u1""}]";',
        "",
        "c;too few cells",
        'd;"a quote that does not end;;;;;;',
        'e;ab"c;#one;-0.5;[1, 2];no;;',
        "f;x;;{broken;;;;",
        "g;y;;;;;{broken;",
    ]
)
MARKED = "\ufeffid,text\nh,plain\n"


@in_browser
def test_files_are_taken_in_and_what_was_turned_away_is_mended_in_place(chromium: Browser, tmp_path: Path) -> None:
    """A table, then photos with captions; the report tells why, and a mended line is stored like any other."""
    with house_of(tmp_path / "home", waiting(1)) as house, served(house) as base, client_from(house.app()) as visitor:
        page = chromium.page()
        page.open(f"{base}/desk?lang=en#import", "document.querySelector('.drop')")

        # A table is read as the command reads it.
        for number, text in enumerate((TABLE, MARKED)):
            file = tmp_path / f"table-{number}.csv"
            file.write_text(text, encoding="utf-8", newline="")
            expected = [
                [line.number, None if line.data is None else json.loads(line.data)]
                for line in TableSource(file).lines()
            ]
            told = page.run(
                f"""
                const {{ postsOfTable }} = await import("/desk/import/table.js");
                const posts = [];
                for await (const {{ number, json }} of postsOfTable(new File([{json.dumps(text)}], "posts.csv"))) {{
                  posts.push([number, json === undefined ? null : JSON.parse(json)]);
                }}
                return posts;
                """
            )
            assert told == expected

        # What is no UTF-8 is turned away line by line, never guessed: the words in it say what the photo shows.
        told = page.run(
            """
            const { postsOfTable } = await import("/desk/import/table.js");
            const { postsOfLines } = await import("/desk/import/lines.js");
            const odd = [0xec, 0xee, 0xf0, 0xe5]; // "море" as a table of Windows-1251 has it
            const table = new File(["id,text\\na,", new Uint8Array(odd), "\\nb,sea\\n"], "posts.csv");
            const posts = new File(['{"id":"c"}\\n{"id":"', new Uint8Array(odd), '"}\\n{"id":"море"}'], "posts.ndjson");
            const told = [];
            for await (const each of postsOfTable(table)) told.push(each.fault ?? JSON.parse(each.json).id);
            for await (const each of postsOfLines(posts)) told.push(each.fault ?? JSON.parse(each.json).id);
            return told;
            """
        )
        assert told == ["broken_row", "b", "c", "broken_json", "море"]

        # A quote that never ends costs its own row, however many lines stand behind it.
        told = page.run(
            """
            const { postsOfTable } = await import("/desk/import/table.js");
            const rows = Array.from({ length: 20000 }, (_, at) => `${at},${"sea ".repeat(25)}`);
            const told = [];
            const text = ["id,text", 'x,"no end', ...rows].join("\\n");
            for await (const each of postsOfTable(new File([text], "posts.csv"))) told.push(each.fault ?? "post");
            return [told.length, told[0], told.filter((each) => each === "post").length];
            """
        )
        assert told == [20001, "broken_row", 20000]

        # Whatever passes is waited for: a proxy that speaks HTML, a key's rate, an answer that ends in the middle.
        told = page.run(
            """
            const { Client } = await import("/desk/client.js");
            const { Sender } = await import("/desk/import/sender.js");
            const wait = window.setTimeout;
            const ask = window.fetch;
            const answers = [
              () => new Response("<html>", { status: 502, headers: { "Content-Type": "text/html" } }),
              () => new Response("{}", { status: 429, headers: { "Retry-After": "7" } }),
              () => new Response(new ReadableStream({ start: (each) => each.error(new TypeError("ended")) })),
              () => new Response('{"status":"stored"}', { headers: { "Content-Type": "application/x-ndjson" } }),
            ];
            const pauses = [];
            window.setTimeout = (resume, pause) => (pauses.push(pause), wait(resume, 0));
            window.fetch = () => Promise.resolve(answers.shift()());
            const told = [];
            try {
              const sender = new Sender(new Client());
              await sender.send([{ number: 1, json: '{"id":"a"}' }], (_, result) => told.push(result.status));
            } finally {
              [window.setTimeout, window.fetch] = [wait, ask];
            }
            return [told, pauses];
            """
        )
        assert told == [["stored"], [3000, 7000, 3000]]

        # A file is shown, sent when somebody says so, and told of line by line.
        posts = waiting(450)
        lines = [json.dumps(post, ensure_ascii=False) for post in posts]
        lines[7] = '{"id": "wait-007", "capt": "A kid beside the old harbour boats"}'
        lines[8] = "no json"
        page.drop(".drop", [("posts.ndjson", "application/x-ndjson", "\n".join(lines).encode())])
        page.until("document.querySelector('.stage button.main')")
        assert visitor.get("/v1/review").json()["found"] == 1
        page.click(".stage button.main", "Send")
        page.until("document.querySelector('.totals .rejected') && !document.querySelector('.run button')")
        totals = page.see("document.querySelector('.totals').innerText")
        assert " ".join(totals.split()) == "447 stored 1 unchanged 2 turned away"
        assert "450 posts" in page.text()
        assert sum(address.endswith("posts:bulk") for address in page.requests()) == 3

        # What was turned away is mended where it stands.
        page.run("for (const each of document.querySelectorAll('details')) each.open = true;")
        assert "Object contains unknown field `capt`" in page.text()
        page.run(
            """
            const [field] = [...document.querySelectorAll("textarea")].filter((each) => each.value.includes("capt"));
            field.value = field.value.replace('"capt"', '"text"');
            field.dispatchEvent(new Event("input"));
            field.closest("li").querySelector("button").click();
            """
        )
        page.until("document.querySelector('li.mended')")
        assert "448 stored" in page.see("document.querySelector('.totals').innerText").replace("\n", " ")
        assert visitor.get("/v1/posts/wait-007/compliance").status_code == 200

        # Photos have a caption each, from the file beside them or typed; what nobody wrote is no caption.
        page.drop(
            ".drop",
            [
                ("sea.png", "image/png", photo_file("sea", 3)),
                ("sea.txt", "text/plain", f"Quiet {word(600)} harbour".encode()),
                ("city.png", "image/png", photo_file("city", 4)),
            ],
        )
        page.until("document.querySelectorAll('.stage .small-post').length === 2")
        page.run("document.querySelector('.stage textarea').focus();")
        page.type(f"Night {word(601)} tram")
        page.run("const select = document.querySelector('.stage select'); select.value = 'no';")
        page.click(".stage button.main", "Send")
        page.until("document.querySelector('.totals .stored') && !document.querySelector('.run button')")
        assert finds(visitor, word(600)) == ["sea.png"]
        assert finds(visitor, word(601)) == ["city.png"]
        assert visitor.get("/v1/posts/sea.png?country=RU").json()["post"]["photo"]
        assert page.faults() == []

        # In Russian the same is said in Russian, and a table without ids is refused in words.
        page.shape(320, 700)
        page.open(f"{base}/desk?lang=ru&again#import", "document.querySelector('.drop')")
        page.drop(".drop", [("posts.csv", "text/csv", b"name,text\nx,y\n")])
        page.click(".stage button.main", "Отправить")
        page.until("document.querySelector('.fault')?.textContent.includes('нет столбца')")
        page.drop(".drop", [("posts.ndjson", "", b'{"id": "x", "text": 5}')])
        page.click(".stage button.main", "Отправить")
        page.until("document.querySelector('.totals .rejected') && !document.querySelector('.run button')")
        page.run("document.querySelector('details').open = true;")
        assert "Поля нет, оно неизвестно или другого вида. $.text" in page.text()
        assert "Expected" not in page.text()
        assert page.overflow() == []
