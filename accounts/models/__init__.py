"""Groups, their shops and web shops, the people in them, and the keys of web shops."""

from accounts.account_mails import AccountMail as AccountMail
from accounts.models.cache import CacheEntry as CacheEntry
from accounts.models.group import SHOP_ID_RANGE as SHOP_ID_RANGE
from accounts.models.group import Group as Group
from accounts.models.group import Shop as Shop
from accounts.models.group import is_a_time_zone as is_a_time_zone
from accounts.models.opening import ClosedDay as ClosedDay
from accounts.models.opening import OpeningHours as OpeningHours
from accounts.models.setting_change import SettingChange as SettingChange
from accounts.models.tablet import Tablet as Tablet
from accounts.models.user import Membership as Membership
from accounts.models.user import User as User
from accounts.models.user import UserManager as UserManager
from accounts.models.web_shop import ApiKey as ApiKey
from accounts.models.web_shop import ApiKeyQuerySet as ApiKeyQuerySet
from accounts.models.web_shop import SoldBy as SoldBy
from accounts.models.web_shop import WebShop as WebShop
from accounts.sessions import LogIn as LogIn
