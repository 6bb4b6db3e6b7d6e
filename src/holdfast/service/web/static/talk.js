// Small comforts; everything works without them. Ctrl or Command with Enter sends; a message is sent once. Where a
// language model may answer, its sentences are shown as they pass review; the page is then opened anew with the reply.
const composer = document.getElementById("composer");
const message = document.getElementById("message");

function setBusy(busy) {
  for (const button of composer.querySelectorAll("button")) button.disabled = busy;
}

function turnBox(kind, who) {
  const item = document.createElement("li");
  const box = document.createElement("div");
  box.className = `turn ${kind}`;
  const name = document.createElement("p");
  name.className = "who";
  name.textContent = who;
  box.append(name);
  item.append(box);
  document.querySelector("ol.talk").append(item);
  return box;
}

function showEvent(name, html, box) {
  const part = document.createElement("div");
  if (name === "notice") part.className = "note small";
  part.innerHTML = html; // made by this site's own Markdown renderer, which writes no raw HTML
  box.append(part);
}

async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    held += value;
    const whole = held.split("\n\n");
    held = whole.pop();
    for (const event of whole) {
      const [first, second] = event.split("\n");
      yield [first.slice("event: ".length), JSON.parse(second.slice("data: ".length)).html];
    }
  }
}

async function watchReply() {
  const said = new FormData(composer);
  const response = await fetch(composer.dataset.watch, {
    method: "POST",
    body: said,
    headers: { accept: "text/event-stream" },
  });
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return "done";
  turnBox("person", "You").append(String(said.get("message")));
  let box = null;
  for await (const [name, html] of eventsOf(response)) {
    if (name === "done" || name === "refused") return name;
    box = box ?? turnBox("holdfast", "Holdfast (software), worded by a language model");
    showEvent(name, html, box);
  }
  return "done";
}

message.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) composer.requestSubmit();
});
composer.addEventListener("submit", (event) => {
  setBusy(true);
  if (!composer.dataset.watch || !window.TextDecoderStream) return;
  event.preventDefault();
  watchReply().then(
    (end) => {
      if (end === "refused") return composer.submit(); // nothing was kept: the ordinary way says why
      message.value = "";
      location.hash = "latest";
      location.reload();
    },
    () => location.reload(),
  );
});
window.addEventListener("pageshow", () => setBusy(false));
const latest = document.getElementById("latest");
if (latest) latest.scrollIntoView({ block: "start" });
