// Small comforts; everything works without them. Ctrl or Command with Enter sends; a message is sent once.
const composer = document.getElementById("composer");
const message = document.getElementById("message");
message.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) composer.requestSubmit();
});
composer.addEventListener("submit", () => {
  for (const button of composer.querySelectorAll("button")) button.disabled = true;
});
window.addEventListener("pageshow", () => {
  for (const button of composer.querySelectorAll("button")) button.disabled = false;
});
const latest = document.getElementById("latest");
if (latest) latest.scrollIntoView({ block: "start" });
