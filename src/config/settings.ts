export interface Settings { readonly debug: boolean }
