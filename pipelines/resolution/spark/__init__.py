"""Proposing and weighing the pairs of a store on Spark: the engine of `scrapy resolve --engine spark`.

`session` opens Spark or says what is missing, `engine` fulfils the seam of the local engine, `components` joins pairs
to components, and `executor` is the only module that Spark's workers load: pure code, without the store.
"""
