// The API page: reads the OpenAPI document and sends the CSRF token with what is tried out.
"use strict";

const csrfToken = () =>
  (document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken=")) || "").slice("csrftoken=".length);

SwaggerUIBundle({
  url: document.getElementById("api").dataset.schema,
  dom_id: "#api",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (!["GET", undefined].includes(request.method)) {
      request.headers["X-CSRFToken"] = csrfToken();
    }
    return request;
  },
});
