// What the page was told of its stage: the platform writes it into the document.

const told = /** @type {Record<string, string>} */ (document.documentElement.dataset);

export const CLIENT_ID = told.clientId;
export const HOSTED_LOGIN = told.hostedLogin;
export const CURRENCY = told.currency;
export const PLACES = Number(told.places);
/** Whether people register here; elsewhere the hosted login has a page for it. */
export const REGISTERS_HERE = told.registers === "true";
export const API = "/api/v1";
