import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** `PLAYGROUND_URL` names a running workspace for `npx vite playground/page` during work on the page. */
export default defineConfig(({ command }) => {
  // A test run sets NODE_ENV to `test`, and the page would be built with React's slow development parts.
  if (command === 'build') process.env.NODE_ENV = 'production'
  return {
    base: './',
    plugins: [react()],
    build: { target: 'es2022', chunkSizeWarningLimit: 1200 },
    server: { host: '127.0.0.1', proxy: { '/_control': process.env.PLAYGROUND_URL ?? 'http://127.0.0.1:3000' } },
  }
})
