"""Campaigns: many problems, each checked, certified and audited; nothing is lost and nothing is done twice.

A suite (`suite`, `generator`) gives items; processes (`worker`, `supervision`), local (`pool`) or on a Dask cluster
(`cluster`), turn each into an outcome (`outcome`, `trial`); the store (`store`) keeps outcomes and certificates.
"""

from verify.campaigns.drive import Counts, campaign

__all__ = ["Counts", "campaign"]
