"use strict";

/* Shows openapi.json, as it is served beside this page, and lets people sign in through the hosted login. */

function withoutPreflight(request) {
  // The token endpoint is another origin's, and no such header is needed to ask it.
  if (request.url.endsWith("/oauth2/token")) {
    delete request.headers["X-Requested-With"];
  }
  return request;
}

const page = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  oauth2RedirectUrl: new URL("docs/oauth2-redirect.html", document.baseURI).href,
  requestInterceptor: withoutPreflight,
  validatorUrl: null,
});
page.initOAuth({
  clientId: document.body.dataset.clientId,
  scopes: "openid email profile",
  usePkceWithAuthorizationCodeGrant: true,
});
