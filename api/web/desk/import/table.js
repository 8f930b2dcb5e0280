/** Posts of a table, read as `photosense ingest` reads it: a header names the fields, a row is a post. */

import { linesOf } from "./lines.js";

const TEXTUAL = new Set(["id", "photo", "text", "link", "thumb"]);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const READ_AGAIN = 20_000_000; // letters behind quotes that do not end; from then on a row is a line
const BETWEEN_TAGS = /[\s,;]+/;

/** Gives `{number, json}` for each row, or `{number, fault}`, a code of what is wrong with the table. */
export async function* postsOfTable(file) {
  const lines = linesOf(file);
  const head = await firstLine(lines);
  const between = head === null ? "," : mostFrequent(head, "\t,;");
  const header = head === null ? [] : (rowOf(head, between).row ?? []).map((name) => name.trim());
  if (!header.includes("id")) throw new TypeError("noIds");
  for await (const { number, row } of rowsOf(lines, between)) {
    if (row === null || row.length !== header.length) yield { number, fault: "broken_row" };
    else if (row.length > 1 || row[0] !== "") yield postOf(number, header, row);
  }
}

async function firstLine(lines) {
  for (;;) {
    const { value, done } = await lines.next();
    if (done || value.text === null) return null;
    if (value.text.trim()) return value.text.replace(/^\uFEFF/, "").replace(/\r$/, "");
  }
}

function mostFrequent(text, letters) {
  const counts = [...letters].map((letter) => text.split(letter).length);
  return letters[counts.indexOf(Math.max(...counts))];
}

/** Rows, which may go over several lines within quotes; one whose quote does not end takes no other row with it. */
async function* rowsOf(lines, between) {
  const waiting = [];
  let isOver = false;
  let readAgain = 0;
  const line = async (place) => {
    while (waiting.length <= place && !isOver) {
      const { value, done } = await lines.next();
      if (done) isOver = true;
      else waiting.push(value);
    }
    return waiting[place];
  };
  while ((await line(0)) !== undefined) {
    if (waiting[0].text === null) {
      yield { number: waiting.shift().number, row: null };
      continue;
    }
    let text = waiting[0].text;
    let length = 1;
    let read = rowOf(text, between);
    while (read.isOpen && !read.isBroken && readAgain < READ_AGAIN && typeof (await line(length))?.text === "string") {
      text += `\n${waiting[length].text}`;
      length += 1;
      read = rowOf(text, between);
      readAgain += text.length;
    }
    const isAlone = read.isOpen || read.isBroken;
    if (!isAlone) readAgain = 0;
    else {
      length = 1;
      read = rowOf(waiting[0].text, between);
    }
    const { number } = waiting[length - 1];
    waiting.splice(0, length);
    if (text.trim() || isAlone) yield { number, row: read.isOpen ? null : read.row };
  }
}

/** The cells of a text; `isOpen` when a quote does not end in it, `isBroken` when letters follow one that ends. */
function rowOf(text, between) {
  const row = [];
  let cell = "";
  let isQuoted = false;
  let hasEnded = false;
  let isBroken = false;
  const letters = text.endsWith("\r") ? text.slice(0, -1) : text;
  for (let place = 0; place < letters.length; place += 1) {
    const letter = letters[place];
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (letters[place + 1] === '"') cell += letters[(place += 1)];
      else [isQuoted, hasEnded] = [false, true];
    } else if (letter === between) {
      row.push(cell);
      [cell, hasEnded] = ["", false];
    } else if (letter === '"' && cell === "" && !hasEnded) isQuoted = true;
    else {
      isBroken ||= hasEnded;
      cell += letter;
    }
  }
  row.push(cell);
  return { row, isOpen: isQuoted, isBroken };
}

/** A row as a post in JSON: an empty cell is no field, numbers stay as they are written. */
function postOf(number, header, row) {
  const fields = [];
  const attrs = [];
  for (const [place, name] of header.entries()) {
    const cell = row[place];
    if (cell === "") continue;
    if (name.startsWith("attrs.")) attrs.push([name.slice(6), valueOf(cell)]);
    else if (name === "tags") fields.push([name, JSON.stringify(cell.split(BETWEEN_TAGS).filter(Boolean))]);
    else if (name === "captions" || name === "attrs") {
      if (!isJson(cell)) return { number, fault: "broken_row" };
      if (name === "attrs") attrs.unshift(...Object.entries(JSON.parse(cell)).map(([key, value]) => [key, JSON.stringify(value)]));
      else fields.push([name, cell]);
    } else fields.push([name, TEXTUAL.has(name) ? JSON.stringify(cell) : valueOf(cell)]);
  }
  if (attrs.length) fields.push(["attrs", written([...new Map(attrs)])]);
  return { number, json: written(fields) };
}

function written(fields) {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

function valueOf(cell) {
  if (/^(true|false)$/i.test(cell)) return cell.toLowerCase();
  if (NUMBER.test(cell) || ("[{".includes(cell[0]) && isJson(cell))) return cell;
  return JSON.stringify(cell);
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
