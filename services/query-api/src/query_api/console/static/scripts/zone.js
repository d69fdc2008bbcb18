/* The server writes times in the zone this cookie names. */

const NAME = "syncledger_zone";
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const known = document.cookie.split("; ").find((pair) => pair.startsWith(`${NAME}=`));

if (zone && known !== `${NAME}=${zone}`) {
  document.cookie = `${NAME}=${zone}; path=/; max-age=31536000; samesite=lax`;
  if (document.querySelector("time") && !sessionStorage.getItem(NAME)) {
    sessionStorage.setItem(NAME, zone); // once: where cookies are refused, UTC it is
    location.reload();
  }
}
