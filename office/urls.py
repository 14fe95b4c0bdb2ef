"""Head office's screens."""

from django.urls import path

from office.attention import nightly_views
from office.attention import views as attention_views
from office.listing import bulk_views, export_views
from office.listing import views as listing_views
from office.order import views as order_views
from office.overview import views as overview_views
from office.policies import dry_run_views, rehearsal_views, setup_views
from office.policies import views as policy_views

urlpatterns = [
    path("", listing_views.order_list, name="orders"),
    path("views/", listing_views.save_view, name="save-view"),
    path("views/<int:pk>/", listing_views.change, name="change-view"),
    path("bulk/", bulk_views.choose, name="bulk"),
    path("bulk/<int:pk>/", bulk_views.bulk_action, name="bulk-action"),
    path("bulk/<int:pk>/papers/", bulk_views.bulk_papers, name="bulk-papers"),
    path("dashboard/", overview_views.dashboard, name="dashboard"),
    path("<int:pk>/", order_views.order_page, name="order"),
    path("<int:pk>/support/", order_views.support_file, name="support-file"),
    path("export/", export_views.export, name="export"),
    path("exports/", export_views.exports, name="exports"),
    path("exports/<int:pk>/", export_views.export_file, name="export-file"),
    path("exports/<int:pk>/cancel/", export_views.cancel_export, name="cancel-export"),
    path("policies/", policy_views.work, name="policies"),
    path("policies/ddd/", policy_views.ddd, name="ddd-settings"),
    path("policies/rehearsal/", rehearsal_views.rehearse, name="rehearsal"),
    path("policies/ddd/setup/", setup_views.setup, name="ddd-setup"),
    path("policies/ddd/setup/answers/", setup_views.answer, name="ddd-answers"),
    path("policies/ddd/setup/again/", setup_views.read_again, name="ddd-read-again"),
    path("policies/personal-data/", policy_views.personal_data, name="personal-data"),
    path("policies/try/", dry_run_views.try_alert, name="try-alert"),
    path("policies/try-returns/", dry_run_views.try_returns, name="try-returns"),
    path("policies/tries/<int:pk>/", dry_run_views.dry_run, name="dry-run"),
    path("policies/changes/", policy_views.all_changes, name="setting-changes"),
    path("policies/changes/<str:about>/", policy_views.all_changes, name="setting-changes-of"),
    path("attention/", attention_views.attention, name="attention"),
    path("attention/<int:pk>/", attention_views.decide, name="decide"),
    path("attention/words/<int:pk>/", attention_views.map_word, name="map-word"),
    path("attention/<slug:kind>/decide/", attention_views.decide_rows, name="decide-rows"),
    path("attention/differences/<int:pk>/", nightly_views.decide, name="difference"),
    path("comparison/", nightly_views.report, name="comparison"),
    path("comparison/again/", nightly_views.look_again, name="comparison-look-again"),
    path("comparison/<str:day>/", nightly_views.report, name="comparison-of-day"),
    path("attention/notices/<int:pk>/", attention_views.close_notice, name="close-notice"),
]
