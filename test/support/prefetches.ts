/** Headers of browsers that load a page before their user opens it. */
export const prefetches = [
  { 'Sec-Purpose': 'prefetch' },
  { 'Sec-Purpose': 'prefetch;prerender' },
  { 'Sec-Purpose': 'prefetch;anonymous-client-ip', Purpose: 'prefetch' },
  { Purpose: 'prefetch' },
].map(headers => ({ Accept: 'text/html', ...headers }))
