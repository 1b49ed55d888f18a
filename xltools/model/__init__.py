"""The nouns: values that know no verb."""
