// "Try it" on an operation's page: asks the API as the reader and shows the answer as it came.
"use strict";

const question = (form) => {
  const fields = [...form.querySelectorAll("[data-in]")].filter((field) => field.value !== "");
  const placed = (place) => fields.filter((field) => field.dataset.in === place);
  let path = form.dataset.try;
  for (const field of placed("path")) path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
  const query = new URLSearchParams(placed("query").map((field) => [field.name, field.value])).toString();
  const headers = Object.fromEntries(placed("header").map((field) => [field.name, field.value]));
  const [body] = placed("body");
  if (body) headers["Content-Type"] = body.dataset.media;
  if (form.dataset.method !== "GET") headers["X-CSRFToken"] = form.elements.csrfmiddlewaretoken.value;
  return [query ? `${path}?${query}` : path, { method: form.dataset.method, headers, body: body?.value }];
};

const readable = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // several documents, one on each line, or no JSON
  }
};

const ask = async (form) => {
  const said = form.querySelector("[role=status]");
  const shown = form.querySelector("pre");
  said.textContent = "Asking…";
  try {
    const answer = await fetch(...question(form));
    const text = await answer.text();
    const etag = answer.headers.get("ETag");
    said.textContent = `${answer.status} ${answer.statusText}${etag ? ` · ETag ${etag}` : ""}`;
    shown.textContent = readable(text);
    shown.hidden = !text;
  } catch (error) {
    said.textContent = `No answer: ${error.message}`;
    shown.hidden = true;
  }
};

for (const form of document.querySelectorAll("[data-try]")) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
}
