import { commonCurrencies, currencyName } from '../format'

/** Currency suggestions for an input with the attribute `list="currencies"`. */
export const CurrencyList = () => (
  <datalist id="currencies">
    {commonCurrencies.map(code => (
      <option key={code} value={code}>
        {currencyName(code)}
      </option>
    ))}
  </datalist>
)
