"""The admin: a view for each model, in the order of the menu. What they share is in `admin_base`."""

from typing import Any, ClassVar

from fastapi import FastAPI, Request
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from wtforms import Form, PasswordField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.admin_base import Admin, View, checked_by
from webapp.db import reading
from webapp.models import AuditEntry, Product, Registration, Role, User, Webinar
from webapp.permissions import vocabulary
from webapp.schemas.product import ProductCreate, ProductUpdate
from webapp.schemas.registration import RegistrationUpdate
from webapp.schemas.webinar import WebinarCreate, WebinarUpdate
from webapp.services import product_service, registration_service, role_service, user_service, webinar_service


def install(app: FastAPI) -> None:
    """Mount the admin at /admin."""
    admin = Admin(app)
    for view in VIEWS:
        admin.add_view(view)


_PASSWORD = {"autocomplete": "new-password", "class": "form-control"}


class Checkboxes(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


PERMISSIONS = ["*", *sorted({f"{permission.partition('.')[0]}.*" for permission in vocabulary()} | {*vocabulary()})]


class ProductAdmin(View, model=Product):
    icon = "fa-solid fa-box"
    column_list: ClassVar = ["id", "name", "category", "price", "in_stock", "created_at"]
    column_searchable_list: ClassVar = ["name"]
    column_sortable_list: ClassVar = ["id", "name", "category", "price", "created_at"]
    form_columns: ClassVar = ["name", "description", "price", "category", "in_stock"]
    form_base_class = checked_by(ProductCreate)

    async def create(self, session: AsyncSession, data: dict[str, Any], actor: User) -> Product:
        return await product_service.create_product(session, ProductCreate(**data), actor=actor)

    async def change(self, session: AsyncSession, row: Product, data: dict[str, Any], actor: User) -> None:
        await product_service.update_product(session, row.id or 0, ProductUpdate(**data), actor=actor)

    async def remove(self, session: AsyncSession, row: Product, actor: User) -> None:
        await product_service.delete_product(session, row.id or 0, actor=actor)


class WebinarAdmin(View, model=Webinar):
    icon = "fa-solid fa-calendar"
    column_list: ClassVar = ["id", "title", "starts_at", "duration_minutes", "capacity", "host"]
    column_details_list: ClassVar = [*column_list, "description", "created_at", "updated_at"]
    column_searchable_list: ClassVar = ["title"]
    column_sortable_list: ClassVar = ["id", "title", "starts_at"]
    column_default_sort: ClassVar = [("starts_at", True)]
    form_columns: ClassVar = ["title", "description", "starts_at", "duration_minutes", "capacity", "host"]
    form_ajax_refs: ClassVar = {"host": {"fields": ("email", "name"), "order_by": "email"}}
    form_base_class = checked_by(WebinarCreate)

    async def create(self, session: AsyncSession, data: dict[str, Any], actor: User) -> Webinar:
        return await webinar_service.create_webinar(session, WebinarCreate(**data), actor=actor)

    async def change(self, session: AsyncSession, row: Webinar, data: dict[str, Any], actor: User) -> None:
        await webinar_service.update_webinar(session, row.id or 0, WebinarUpdate(**data), actor=actor)

    async def remove(self, session: AsyncSession, row: Webinar, actor: User) -> None:
        await webinar_service.delete_webinar(session, row.id or 0, actor=actor)


class RegistrationAdmin(View, model=Registration):
    icon = "fa-solid fa-ticket"
    column_list: ClassVar = ["id", "webinar", "name", "email", "status", "created_at"]
    column_details_list: ClassVar = [*column_list, "notes", "photo"]
    column_searchable_list: ClassVar = ["name", "email"]
    column_sortable_list: ClassVar = ["id", "created_at"]
    column_default_sort: ClassVar = [("id", True)]
    form_columns: ClassVar = ["webinar", "name", "email", "status", "notes"]
    form_create_rules: ClassVar = ["webinar", "name", "email"]
    form_edit_rules: ClassVar = ["status", "notes"]
    form_ajax_refs: ClassVar = {"webinar": {"fields": ("title",), "order_by": "title"}}

    async def create(self, session: AsyncSession, data: dict[str, Any], actor: User) -> Registration:
        return await registration_service.register(
            session, data["webinar_id"] or 0, name=data["name"], email=data["email"], actor=actor
        )

    async def change(self, session: AsyncSession, row: Registration, data: dict[str, Any], actor: User) -> None:
        changes = RegistrationUpdate(**data).model_dump(exclude_unset=True)
        if "status" in changes:
            await registration_service.set_status(session, row.id or 0, changes["status"], actor=actor)
        if "notes" in changes:
            await registration_service.set_notes(session, row.id or 0, changes["notes"], actor=actor)

    async def remove(self, session: AsyncSession, row: Registration, actor: User) -> None:
        await registration_service.delete_registration(session, row.id or 0, actor=actor)


class UserAdmin(View, model=User):
    icon = "fa-solid fa-user"
    column_list: ClassVar = ["id", "email", "name", "is_active", "is_superuser", "roles", "last_login_at"]
    column_details_list: ClassVar = [*column_list, "created_at"]
    column_searchable_list: ClassVar = ["email", "name"]
    column_sortable_list: ClassVar = ["id", "email"]
    form_columns: ClassVar = ["email", "name", "is_active", "is_superuser"]
    form_create_rules: ClassVar = ["email", "name", "is_superuser", "password", "role_names"]
    form_edit_rules: ClassVar = ["name", "is_active", "is_superuser", "password", "role_names"]

    async def scaffold_form(self, rules: list[str] | None = None) -> type[Form]:
        async with reading() as session:
            roles = [(role.name, role.name) for role in await role_service.list_roles(session)]
        form = await super().scaffold_form(rules)
        hint = "Leave it empty to keep the one there is." if rules == self.form_edit_rules else ""
        form.password = PasswordField("Password", description=hint, render_kw=_PASSWORD)
        form.role_names = Checkboxes("Roles", choices=roles, render_kw={"class": "checkboxes"})
        return form

    def form_edit_query(self, request: Request) -> Select[Any]:
        return super().form_edit_query(request).options(selectinload(User.roles))  # type: ignore[arg-type]

    async def get_form_data_for_edit(self, obj: User) -> dict[str, Any]:
        held = sorted(role.name for role in obj.roles)
        return {**await super().get_form_data_for_edit(obj), "role_names": held, "password": ""}

    async def create(self, session: AsyncSession, data: dict[str, Any], actor: User) -> User:
        return await user_service.create_user(
            session, email=data["email"], name=data["name"], password=data["password"],
            is_superuser=data["is_superuser"], roles=data["role_names"], actor=actor,
        )  # fmt: skip

    async def change(self, session: AsyncSession, row: User, data: dict[str, Any], actor: User) -> None:
        if data.get("password"):  # first: hashing takes its time and must not hold a lock
            await user_service.set_password(session, row, data["password"], actor=actor)
        if "name" in data:
            await user_service.set_name(session, row, data["name"], actor=actor)
        if "role_names" in data:
            await user_service.set_roles(session, row, data["role_names"], actor=actor)
        if "is_superuser" in data:
            await user_service.set_superuser(session, row, data["is_superuser"], actor=actor)
        if "is_active" in data:
            change = user_service.activate if data["is_active"] else user_service.deactivate
            await change(session, row, actor=actor)

    async def remove(self, session: AsyncSession, row: User, actor: User) -> None:
        await user_service.delete_user(session, row, actor=actor)


class RoleAdmin(View, model=Role):
    icon = "fa-solid fa-key"
    column_list: ClassVar = ["id", "name", "description", "permissions"]
    column_details_list: ClassVar = column_list
    column_searchable_list: ClassVar = ["name"]
    column_sortable_list: ClassVar = ["id", "name"]
    form_columns: ClassVar = ["name", "description", "permissions"]
    form_overrides: ClassVar = {"permissions": Checkboxes}
    form_args: ClassVar = {"permissions": {"choices": PERMISSIONS}}
    form_widget_args: ClassVar = {"permissions": {"class": "checkboxes"}}

    async def create(self, session: AsyncSession, data: dict[str, Any], actor: User) -> Role:
        return await role_service.create_role(session, **data, actor=actor)

    async def change(self, session: AsyncSession, row: Role, data: dict[str, Any], actor: User) -> None:
        await role_service.update_role(session, row, **data, actor=actor)

    async def remove(self, session: AsyncSession, row: Role, actor: User) -> None:
        await role_service.delete_role(session, row, actor=actor)


class AuditEntryAdmin(View, model=AuditEntry):
    name_plural = "Audit log"
    icon = "fa-solid fa-list"
    can_create = can_edit = can_delete = False
    column_list: ClassVar = ["id", "at", "actor_email", "action", "target"]
    column_details_list: ClassVar = [*column_list, "actor_id", "details"]
    column_searchable_list: ClassVar = ["target", "actor_email", "action"]
    column_sortable_list: ClassVar = ["id", "at"]
    column_default_sort: ClassVar = [("id", True)]


VIEWS = [ProductAdmin, WebinarAdmin, RegistrationAdmin, UserAdmin, RoleAdmin, AuditEntryAdmin]
