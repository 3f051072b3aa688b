// Why a request has not done what it should.

/** The API's problem document (RFC 9457), or no answer at all (status 0). */
export class Problem extends Error {
  /** @param {{ status: number, code?: string, title?: string, detail?: string, requestId?: string,
   *            errors?: { field: string, message: string }[] }} document
   *  @param {number | null} retryAfter seconds, when the API says when to try again */
  constructor(document, retryAfter = null) {
    super(document.detail ?? document.title ?? "");
    this.status = document.status;
    this.code = document.code ?? "";
    this.requestId = document.requestId ?? "";
    this.errors = document.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** Whether the same request, sent again, may do better: nobody has answered, or the platform is busy. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.retryAfter !== null;
  }
}

/** Nobody has answered; the request may have had its effect all the same. */
export function unanswered() {
  return new Problem({ status: 0, code: navigator.onLine ? "unanswered" : "offline" });
}

/** @param {Response} response not a good one */
export async function problemOf(response) {
  const wait = response.headers.get("retry-after");
  const document = await response.json().catch(() => ({}));
  return new Problem({ ...document, status: response.status }, wait === null ? null : Number(wait));
}
