export const subscriptions = { 'a summary': 'subscription { summary { summary { sessions } } }' }
