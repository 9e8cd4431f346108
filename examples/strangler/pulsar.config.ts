/** One server: the shop in Flask, and what has moved out of it so far. */
import type { SettingsParams } from 'pulsar-wsgi'

export default {
  mount: {
    '/': 'shop:app',
    '/cart': './cart.ts',
    '/prices': './prices.ts',
  },
} satisfies SettingsParams
