/** Asks for the terms of a parent's consent: the record, the countries, the end. */

import { h, openDialog } from "../dom.js";

/** Calls back with the consent as the service takes it. */
export function askConsent(words, given) {
  const fields = {
    record: h("input", { name: "record", required: true, maxlength: "100", pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*", autocomplete: "off" }),
    countries: h("input", { name: "countries", pattern: "\\s*([A-Za-z]{2}[\\s,;]*)*", autocomplete: "off" }),
    until: h("input", { name: "until", type: "date" }),
  };
  const labelled = (says, field, hint) => h("label", {}, says, field, h("small", { class: "muted" }, hint));
  const form = h(
    "form",
    { method: "dialog" },
    labelled(words.recordNumber, fields.record, words.recordHint),
    labelled(words.countries, fields.countries, words.countriesHint),
    labelled(words.until, fields.until, words.untilHint),
    h("button", { type: "submit", class: "main" }, words.record),
  );
  const dialog = openDialog(words.consentTitle, words.close, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { record, countries, until } = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()]));
    dialog.close();
    given({
      record,
      countries: countries.toUpperCase().split(/[\s,;]+/).filter(Boolean),
      ...(until ? { until: `${until}T00:00:00Z` } : {}),
    });
  });
  fields.record.focus();
}
