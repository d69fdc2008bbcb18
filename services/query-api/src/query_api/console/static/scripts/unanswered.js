/* What was asked for and did not come is said at the top of the page, with a way to ask again; the next page that
   comes takes the words away. Where the server says what is wrong with an address, its page says so. */

const asked = ({ request }) => (request.method === "GET" ? request.action : location.href);

function tell({ detail }) {
  const place = document.querySelector("[data-unanswered]");
  if (!place || !detail.ctx?.request) return;
  place.querySelector("a").href = asked(detail.ctx);
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:error", tell);
document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status >= 500) tell(event);
  else location.assign(asked(ctx));
});
