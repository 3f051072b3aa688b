"""Profiles: how they are created, read and changed."""

import pytest

from tests.integration.factories import balance, register, registered, sign_up_trigger, with_profile
from tests.integration.faults import meanwhile
from tests.integration.problems import problem, refused_fields
from tests.scaffolding.world import Answer, User, World

SOURCES = ["PostConfirmation_ConfirmSignUp", "TokenGeneration_Authentication", "TokenGeneration_RefreshTokens"]


def get(world: World, user: User) -> Answer:
    """A user's own profile."""
    return world.request("GET", f"/profiles/{user.profile_id}", user)


def patch(world: World, user: User, body: object) -> Answer:
    """Change a user's own profile."""
    return world.request("PATCH", f"/profiles/{user.profile_id}", user, json_body=body)


class TestSignUp:
    """What Cognito's triggers do."""

    @pytest.mark.parametrize("source", SOURCES)
    def test_a_trigger_creates_the_profile_and_hands_the_event_back(self, world: World, ada: User, source: str) -> None:
        event = sign_up_trigger(ada, source)
        assert world.invoke("profiles.create_profile_at_sign_up", event) == sign_up_trigger(ada, source)
        profile = get(world, ada)
        assert profile.status == 200
        assert profile.json == {
            "id": ada.profile_id,
            "login": "ada",
            "email": "ada@example.com",
            "fullName": None,
            "age": None,
            "createdAt": profile.json["updatedAt"],
            "updatedAt": profile.json["createdAt"],
        }

    def test_however_often_triggers_run_one_profile_is_created_and_told_of(self, world: World, ada: User) -> None:
        for source in SOURCES * 2:
            world.invoke("profiles.create_profile_at_sign_up", sign_up_trigger(ada, source))
        world.settle()
        assert [entry["DetailType"] for entry in world.published] == ["ProfileCreated"]
        assert world.request("GET", "/billing/account", ada).json["updatedAt"] is not None

    def test_two_triggers_at_once_create_one_profile(self, world: World, ada: User) -> None:
        with meanwhile(world, "dynamodb", "PutItem", lambda: with_profile(world, ada)):
            with_profile(world, ada)
        world.settle()
        assert [entry["DetailType"] for entry in world.published] == ["ProfileCreated"]

    def test_a_later_sign_in_keeps_what_the_owner_has_set(self, world: World, ada: User) -> None:
        with_profile(world, ada)
        patch(world, ada, {"fullName": "Ada Lovelace"})
        world.invoke("profiles.create_profile_at_sign_up", sign_up_trigger(ada, SOURCES[1]))
        assert get(world, ada).json["fullName"] == "Ada Lovelace"

    def test_where_mail_is_not_verified_a_sign_up_is_confirmed_at_once(self, world: World, ada: User) -> None:
        answer = world.invoke("auth.confirm_without_email", sign_up_trigger(ada, "PreSignUp_SignUp"))
        assert answer["response"] == {"autoConfirmUser": True, "autoVerifyEmail": True}


class TestCreate:
    """POST /profiles."""

    def test_a_user_without_a_profile_can_create_it(self, world: World) -> None:
        user = User(profile_id=register(world).json["profileId"])
        answer = world.request("POST", "/profiles", user, json_body={"fullName": " Ada ", "age": 36})
        assert answer.status == 201
        assert answer.headers["location"] == f"/api/v1/profiles/{user.profile_id}"
        assert (answer.json["email"], answer.json["fullName"], answer.json["age"]) == ("ada@example.com", "Ada", 36)
        assert get(world, user).text == answer.text
        world.settle()
        assert [entry["DetailType"] for entry in world.published] == ["ProfileCreated"]
        assert balance(world, user) == 0

    def test_a_user_with_a_profile_can_not(self, world: World) -> None:
        user = registered(world)
        patch(world, user, {"age": 36})
        problem(world.request("POST", "/profiles", user, json_body={"age": 1}), 409, "profile-exists")
        assert get(world, user).json["age"] == 36

    @pytest.mark.parametrize("body", [None, {}, {"fullName": None, "age": None}])
    def test_nothing_need_be_said(self, world: World, body: object) -> None:
        user = User(profile_id=register(world).json["profileId"])
        answer = world.request("POST", "/profiles", user, json_body=body)
        assert (answer.status, answer.json["fullName"], answer.json["age"]) == (201, None, None)


class TestChange:
    """PATCH /profiles/{id}, a JSON merge patch."""

    @pytest.fixture(autouse=True)
    def profile(self, world: World, ada: User) -> None:
        """Ada's profile, with everything set."""
        with_profile(world, ada)
        assert patch(world, ada, {"fullName": "Ada Lovelace", "age": 36}).status == 200

    @pytest.mark.parametrize(
        ("body", "full_name", "age"),
        [
            ({}, "Ada Lovelace", 36),
            ({"age": 37}, "Ada Lovelace", 37),
            ({"fullName": "Ada King"}, "Ada King", 36),
            ({"age": None}, "Ada Lovelace", None),
            ({"fullName": None}, None, 36),
            ({"fullName": None, "age": 0}, None, 0),
            ({"fullName": "  x  ", "age": None}, "x", None),
            ({"fullName": "É" * 200, "age": 150}, "É" * 200, 150),
        ],
    )
    def test_absent_keeps_null_clears_and_a_value_sets(
        self, world: World, ada: User, body: object, full_name: str | None, age: int | None
    ) -> None:
        before = get(world, ada).json
        answer = patch(world, ada, body)
        assert (answer.status, answer.json["fullName"], answer.json["age"]) == (200, full_name, age)
        after = get(world, ada).json
        assert after == answer.json
        assert after["updatedAt"] >= before["updatedAt"]
        assert {name: after[name] for name in ("id", "login", "email", "createdAt")} == {
            name: before[name] for name in ("id", "login", "email", "createdAt")
        }

    def test_the_media_type_of_merge_patches_is_taken(self, world: World, ada: User) -> None:
        headers = {"content-type": "application/merge-patch+json"}
        path = f"/profiles/{ada.profile_id}"
        assert world.request("PATCH", path, ada, json_body={"age": 1}, headers=headers).json["age"] == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"fullName": ""}, "fullName"),
            ({"fullName": "   "}, "fullName"),
            ({"fullName": "x" * 201}, "fullName"),
            ({"fullName": "a\x00b"}, "fullName"),
            ({"fullName": "\ud800"}, "fullName"),
            ({"fullName": 7}, "fullName"),
            ({"age": -1}, "age"),
            ({"age": 151}, "age"),
            ({"age": 1.5}, "age"),
            ({"age": True}, "age"),
            ({"age": "36"}, "age"),
            ({"email": "x@example.com"}, "email"),
            ({"login": "x"}, "login"),
            ({"id": "x"}, "id"),
        ],
    )
    def test_a_field_that_can_not_be_so_is_refused_by_name(
        self, world: World, ada: User, body: object, field: str
    ) -> None:
        before = get(world, ada).text
        assert refused_fields(patch(world, ada, body)) == [field]
        assert get(world, ada).text == before

    def test_a_change_publishes_nothing(self, world: World, ada: User) -> None:
        world.settle()
        published = len(world.published)
        patch(world, ada, {"age": 1})
        world.settle()
        assert len(world.published) == published


class TestOwnership:
    """Profiles of others."""

    def test_another_users_profile_can_not_be_read_or_changed(self, world: World, ada: User, bob: User) -> None:
        with_profile(world, ada)
        path = f"/profiles/{ada.profile_id}"
        problem(world.request("GET", path, bob), 403, "forbidden")
        problem(world.request("PATCH", path, bob, json_body={"age": 1}), 403, "forbidden")
        assert get(world, ada).json["age"] is None

    def test_whether_another_profile_exists_does_not_show(self, world: World, bob: User) -> None:
        problem(world.request("GET", f"/profiles/{User().profile_id}", bob), 403, "forbidden")
        problem(world.request("PATCH", f"/profiles/{User().profile_id}", bob, json_body={}), 403, "forbidden")

    def test_ones_own_profile_that_does_not_exist_is_not_found(self, world: World, ada: User) -> None:
        problem(get(world, ada), 404, "not-found")
        problem(patch(world, ada, {"age": 1}), 404, "not-found")
        assert world.rows("profiles") == []
