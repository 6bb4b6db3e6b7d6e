"""Claims about who somebody is: persons, their tokens and their way back; stewards and their sign-ins."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from holdfast.care.conversation.state import Audience
from holdfast.errors import AccessError, InputError, StorageError
from holdfast.safety.jurisdiction.age import Age
from holdfast.service.accounts.attempts import Attempts, TooManyAttemptsError
from holdfast.service.accounts.passphrase import Passphrases
from holdfast.service.accounts.person import Person
from holdfast.service.accounts.return_name import new_return_name, words
from holdfast.service.accounts.sign_in import SignIn
from holdfast.service.accounts.steward import StewardRole
from holdfast.service.accounts.token import PersonTokens
from holdfast.service.storage.database import Database
from holdfast.service.storage.encryption import Cipher, Keyring
from holdfast.service.trace.verification import verify

PASSPHRASE = "four plain words here"
UNFIT = "must fit together, and do not"


def cheap() -> PasswordHasher:
    """Argon2id at the lowest cost: tests hash often."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def passphrases() -> Passphrases:
    return Passphrases(cheap())


@pytest.fixture
def sign_in(database: Database, passphrases: Passphrases) -> SignIn:
    return SignIn(database=database, passphrases=passphrases, attempts=Attempts(5, minutes=15))


@pytest.fixture
async def person(database: Database, now: datetime) -> Person:
    async with database.work() as work:
        return await work.persons.create(now)


@pytest.fixture
def tokens(keyring: Keyring) -> PersonTokens:
    return PersonTokens(keyring)


def someone(now: datetime) -> Person:
    person_id = uuid4()
    return Person(
        id=person_id,
        created=now,
        last_seen=now,
        generation=3,
        region=None,
        audience=Audience.PUBLIC,
        age=Age.UNKNOWN,
        last_notice=None,
        return_name=None,
        cipher=Cipher(str(person_id), bytes(32)),
    )


async def test_a_profile_is_kept(database: Database, person: Person) -> None:
    async with database.work() as work:
        await work.persons.set_profile(person, region="FR", audience=Audience.CAREGIVER, age=Age.MINOR)
    async with database.work(write=False) as work:
        again = await work.persons.open(person.id)
    assert (again.region, again.audience, again.age) == ("FR", Audience.CAREGIVER, Age.MINOR)


async def test_being_seen_keeps_the_last_notice_unless_a_new_one_was_given(
    database: Database, person: Person, now: datetime
) -> None:
    later = now + timedelta(hours=1)
    async with database.work() as work:
        await work.persons.seen(person, now, last_notice=now)
    async with database.work() as work:
        await work.persons.seen(await work.persons.open(person.id), later)
    async with database.work(write=False) as work:
        again = await work.persons.open(person.id)
    assert (again.last_seen, again.last_notice) == (later, now)


async def test_a_moment_without_a_time_zone_is_refused(database: Database, now: datetime) -> None:
    with pytest.raises(StorageError, match=r"refused it \(ValueError\)"):
        async with database.work() as work:
            await work.persons.create(now.replace(tzinfo=None))


def test_a_token_says_who_it_belongs_to(tokens: PersonTokens, now: datetime) -> None:
    person = someone(now)
    said = tokens.read(tokens.issue(person, now=now), now=now)
    assert (said.person_id, said.generation, said.issued) == (person.id, 3, now)


def test_no_two_tokens_are_alike(tokens: PersonTokens, now: datetime) -> None:
    person = someone(now)
    assert tokens.issue(person, now=now) != tokens.issue(person, now=now)


def test_a_token_counts_for_ninety_days_and_asks_for_renewal_after_one(tokens: PersonTokens, now: datetime) -> None:
    token = tokens.issue(someone(now), now=now)
    assert not tokens.read(token, now=now + timedelta(days=1)).needs_renewal(now + timedelta(days=1))
    assert tokens.read(token, now=now + timedelta(days=90)).needs_renewal(now + timedelta(days=90))
    with pytest.raises(AccessError, match="must be one of ours and recent, and is not"):
        tokens.read(token, now=now + timedelta(days=90, seconds=1))


@pytest.mark.parametrize("token", ["", "x", "a.b", "WyJhIl0.c2ln", "\ud800", "é" * 50, "." * 5000])
def test_what_is_no_token_is_refused(tokens: PersonTokens, now: datetime, token: str) -> None:
    with pytest.raises(AccessError, match="must be one of ours and recent, and is not"):
        tokens.read(token, now=now)


def test_a_token_changed_anywhere_is_refused(tokens: PersonTokens, now: datetime) -> None:
    token = tokens.issue(someone(now), now=now)
    # The last character of a base64 text may carry unused bits; every other one counts.
    for position in range(len(token) - 1):
        changed = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        with pytest.raises(AccessError, match="must be one of ours"):
            tokens.read(changed, now=now)


def test_a_token_signed_under_another_secret_key_is_refused(tokens: PersonTokens, now: datetime) -> None:
    other = PersonTokens(Keyring("another secret key, long enough to be one"))
    with pytest.raises(AccessError, match="must be one of ours"):
        tokens.read(other.issue(someone(now), now=now), now=now)


async def test_a_token_finds_its_person_until_they_sign_out_everywhere(
    database: Database, tokens: PersonTokens, person: Person, now: datetime
) -> None:
    token = tokens.issue(person, now=now)
    async with database.work() as work:
        assert (await tokens.person(work, token, now=now)).id == person.id
        await work.persons.sign_out_everywhere(person)
    async with database.work(write=False) as work:
        with pytest.raises(AccessError, match="was signed out elsewhere"):
            await tokens.person(work, token, now=now)


async def test_a_token_of_somebody_who_is_gone_is_refused(
    database: Database, tokens: PersonTokens, person: Person, now: datetime
) -> None:
    async with database.work() as work:
        await work.persons.remove(person)
        with pytest.raises(AccessError, match="belongs to nobody now"):
            await tokens.person(work, tokens.issue(person, now=now), now=now)


def test_a_return_name_is_four_plain_words() -> None:
    known = words()
    assert len(set(known)) == len(known) == 308
    assert all(word.isascii() and word.islower() and word.isalpha() for word in known)
    assert new_return_name(lambda choices: choices[0]) == "acorn acorn acorn acorn"
    assert len({new_return_name() for _ in range(50)}) == 50


async def test_a_person_comes_back_by_name_and_passphrase_however_the_name_is_typed(
    sign_in: SignIn, person: Person, now: datetime
) -> None:
    set_up = await sign_in.set_return(person, PASSPHRASE)
    assert set_up.generation == person.generation + 1
    assert set_up.return_name is not None
    typed = f"  {set_up.return_name.upper().replace(' ', '   ')} "
    back = await sign_in.come_back(typed, PASSPHRASE, address="127.0.0.1", now=now)
    assert (back.id, back.return_name) == (person.id, set_up.return_name)


async def test_a_new_passphrase_keeps_the_name_and_replaces_the_old_one(
    sign_in: SignIn, person: Person, now: datetime
) -> None:
    first = await sign_in.set_return(person, PASSPHRASE)
    second = await sign_in.set_return(person, "another passphrase")
    assert first.return_name == second.return_name
    assert first.return_name is not None
    await sign_in.come_back(first.return_name, "another passphrase", address="a", now=now)
    with pytest.raises(AccessError, match=UNFIT):
        await sign_in.come_back(first.return_name, PASSPHRASE, address="a", now=now)


async def test_a_wrong_passphrase_and_an_unknown_name_get_the_same_answer(
    sign_in: SignIn, person: Person, now: datetime
) -> None:
    name = (await sign_in.set_return(person, PASSPHRASE)).return_name or ""
    answers = []
    for typed in (name, "nobody has this name"):
        with pytest.raises(AccessError, match=UNFIT) as caught:
            await sign_in.come_back(typed, "not the passphrase", address=typed, now=now)
        answers.append(str(caught.value))
    assert answers[0] == answers[1]


async def test_an_unknown_name_costs_one_hash_like_a_known_one() -> None:
    class Counting(PasswordHasher):
        verified = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - the library's name
            Counting.verified += 1
            return super().verify(hash, password)

    passphrases = Passphrases(Counting(time_cost=1, memory_cost=8, parallelism=1))
    kept = await passphrases.hash(PASSPHRASE)
    costs = []
    for known in (kept, None):
        before = Counting.verified
        await passphrases.matches(known, "not the passphrase")
        costs.append(Counting.verified - before)
    assert costs == [1, 1]


async def test_the_decoy_is_nobodys_passphrase(passphrases: Passphrases) -> None:
    assert not await passphrases.matches(None, "nobody's passphrase")


@pytest.mark.parametrize("unfit", ["", "too short", "x" * 257])
async def test_a_passphrase_of_the_wrong_length_is_refused_without_being_repeated(
    passphrases: Passphrases, unfit: str
) -> None:
    with pytest.raises(InputError, match=f"must have 10 to 256 characters, got {len(unfit)};") as caught:
        await passphrases.hash(unfit)
    assert not unfit or unfit not in str(caught.value)


async def test_a_passphrase_is_the_same_from_every_keyboard(passphrases: Passphrases) -> None:
    composed, decomposed = "caf\u00e9 and croissants", "cafe\u0301 and croissants"
    assert await passphrases.matches(await passphrases.hash(composed), decomposed)


async def test_hashes_are_argon2id() -> None:
    assert (await Passphrases().hash(PASSPHRASE)).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_a_damaged_hash_is_said_so_and_is_no_match(passphrases: Passphrases) -> None:
    with pytest.raises(StorageError, match="must be one of Argon2's, and is not"):
        await passphrases.matches("not a hash", PASSPHRASE)


async def test_a_hash_with_other_costs_is_made_anew_at_sign_in(
    sign_in: SignIn, database: Database, person: Person, now: datetime
) -> None:
    name = (await sign_in.set_return(person, PASSPHRASE)).return_name or ""
    dearer = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    renewing = replace(sign_in, passphrases=Passphrases(dearer))
    await renewing.come_back(name, PASSPHRASE, address="a", now=now)
    async with database.work(write=False) as work:
        found = await work.persons.find_return(name)
    assert found is not None
    assert "m=16,t=2" in found[1]


async def test_the_return_name_is_not_stored_in_the_clear(sign_in: SignIn, database: Database, person: Person) -> None:
    name = (await sign_in.set_return(person, PASSPHRASE)).return_name or ""
    async with database.work(write=False) as work:
        row = (await work.unit.session.execute(text("SELECT return_lookup, return_name FROM person"))).one()
    assert name not in repr(row)


async def test_tries_run_out_for_a_name_and_for_an_address(sign_in: SignIn, now: datetime) -> None:
    for number in range(5):
        with pytest.raises(AccessError, match=UNFIT):
            await sign_in.come_back("one name", "wrong passphrase", address=f"address {number}", now=now)
    with pytest.raises(TooManyAttemptsError, match="Tries must not come so fast; wait 15 minutes"):
        await sign_in.come_back("ONE  name", "wrong passphrase", address="a new address", now=now)
    for number in range(4):
        with pytest.raises(AccessError, match=UNFIT):
            await sign_in.come_back(f"name {number}", "wrong passphrase", address="address 0", now=now)
    with pytest.raises(TooManyAttemptsError, match="wait 15 minutes"):
        await sign_in.come_back("a new name", "wrong passphrase", address="address 0", now=now)


async def test_the_right_passphrase_gives_the_names_tries_back(sign_in: SignIn, person: Person, now: datetime) -> None:
    name = (await sign_in.set_return(person, PASSPHRASE)).return_name or ""
    for number in range(8):
        await sign_in.come_back(name, PASSPHRASE, address=f"address {number}", now=now)


def test_what_was_typed_is_not_held_in_memory() -> None:
    attempts = Attempts(2, minutes=1)
    attempts.count("planted words")
    assert "planted" not in repr(vars(attempts._limiter.storage))


def test_too_many_tries_says_how_long_to_wait() -> None:
    attempts = Attempts(1, minutes=1)
    attempts.count("a")
    with pytest.raises(TooManyAttemptsError, match=r"wait (60 seconds|59 seconds|1 minute) and try again") as caught:
        attempts.count("a", "b")
    assert 55 <= caught.value.retry_after_s <= 61
    attempts.forgive("a")
    attempts.count("a")


async def _steward(database: Database, passphrases: Passphrases, now: datetime, name: str = "ada") -> None:
    kept = await passphrases.hash(PASSPHRASE)
    async with database.work() as work:
        await work.stewards.add(name, StewardRole.CLINICIAN, passphrase_hash=kept, now=now)


async def test_a_steward_signs_in_is_known_and_signs_out(
    sign_in: SignIn, database: Database, passphrases: Passphrases, now: datetime
) -> None:
    await _steward(database, passphrases, now)
    steward, token = await sign_in.steward("ada", PASSPHRASE, address="a", now=now)
    async with database.work(write=False) as work:
        known = await work.stewards.session(token, now=now, idle_minutes=30)
        assert (known.name, known.role) == (steward.name, StewardRole.CLINICIAN)
        assert (await work.trace.record(1)).payload == {"action": "signed in", "steward": "ada", "role": "clinician"}
        assert (await verify(work)).count == 1
    async with database.work() as work:
        await work.stewards.close_session(token)
        with pytest.raises(AccessError, match="Steward must be signed in, and is not"):
            await work.stewards.session(token, now=now, idle_minutes=30)


async def test_only_a_hash_of_a_stewards_token_is_stored(
    sign_in: SignIn, database: Database, passphrases: Passphrases, now: datetime
) -> None:
    await _steward(database, passphrases, now)
    _, token = await sign_in.steward("ada", PASSPHRASE, address="a", now=now)
    async with database.work(write=False) as work:
        rows = (await work.unit.session.execute(text("SELECT * FROM steward_session"))).all()
    assert len(rows) == 1
    assert token not in repr(rows)


@pytest.mark.parametrize(("hours", "is_in"), [(0, True), (7.9, True), (8, False)])
async def test_a_stewards_sign_in_lasts_eight_hours_at_most(
    sign_in: SignIn, database: Database, passphrases: Passphrases, now: datetime, hours: float, is_in: bool
) -> None:
    await _steward(database, passphrases, now)
    _, token = await sign_in.steward("ada", PASSPHRASE, address="a", now=now)
    later = now + timedelta(hours=hours)
    async with database.work(write=False) as work:
        if is_in:
            await work.stewards.session(token, now=later, idle_minutes=600)
        else:
            with pytest.raises(AccessError, match="must be signed in"):
                await work.stewards.session(token, now=later, idle_minutes=600)


async def test_a_steward_is_signed_out_when_idle_and_use_counts(
    sign_in: SignIn, database: Database, passphrases: Passphrases, now: datetime
) -> None:
    await _steward(database, passphrases, now)
    _, token = await sign_in.steward("ada", PASSPHRASE, address="a", now=now)
    for minutes in (25, 50):
        async with database.work() as work:
            await work.stewards.session(token, now=now + timedelta(minutes=minutes), idle_minutes=30)
    async with database.work() as work:
        with pytest.raises(AccessError, match="must be signed in"):
            await work.stewards.session(token, now=now + timedelta(minutes=80), idle_minutes=30)


async def test_a_disabled_steward_is_out_at_once_and_cannot_come_back(
    sign_in: SignIn, database: Database, passphrases: Passphrases, now: datetime
) -> None:
    await _steward(database, passphrases, now)
    _, token = await sign_in.steward("ada", PASSPHRASE, address="a", now=now)
    async with database.work() as work:
        assert (await work.stewards.disable("ada", now=now)).disabled_at == now
    async with database.work(write=False) as work:
        with pytest.raises(AccessError, match="must be signed in"):
            await work.stewards.session(token, now=now, idle_minutes=30)
    with pytest.raises(AccessError, match=UNFIT):
        await sign_in.steward("ada", PASSPHRASE, address="a", now=now)


async def test_unknown_stewards_and_wrong_passphrases_get_the_same_answer(
    sign_in: SignIn, database: Database, passphrases: Passphrases, now: datetime
) -> None:
    await _steward(database, passphrases, now)
    for name in ("ada", "nobody"):
        with pytest.raises(AccessError, match=UNFIT):
            await sign_in.steward(name, "not the passphrase", address=name, now=now)


@pytest.mark.parametrize("name", ["", "a", "has space", "-dash", "x" * 65, "line\nbreak", "ünïcode"])
async def test_a_steward_name_that_could_be_misread_is_refused(database: Database, now: datetime, name: str) -> None:
    async with database.work() as work:
        with pytest.raises(InputError, match="must be 2 to 64 letters"):
            await work.stewards.add(name, StewardRole.OPERATOR, passphrase_hash="x", now=now)


async def test_two_stewards_cannot_share_a_name(database: Database, passphrases: Passphrases, now: datetime) -> None:
    await _steward(database, passphrases, now)
    with pytest.raises(InputError, match="and 'ada' is taken"):
        await _steward(database, passphrases, now)


async def test_disabling_nobody_is_said_so(database: Database, now: datetime) -> None:
    async with database.work() as work:
        with pytest.raises(InputError, match="must exist, got 'nobody'"):
            await work.stewards.disable("nobody", now=now)


Plant = Callable[[str], Awaitable[Any]]


async def test_nobody_reads_another_persons_data(database: Database, plant: Plant, now: datetime) -> None:
    mine, theirs = await plant("windowpane"), await plant("doorframe")
    async with database.work() as work:
        me = await work.persons.open(mine.person_id)
        assert await work.chats.turns(me, theirs.chat_id) == ()
        getters: list[Callable[[], Awaitable[Any]]] = [
            lambda: work.chats.get(me, theirs.chat_id),
            lambda: work.chats.remove(me, theirs.chat_id),
            lambda: work.chats.set_activity(me, theirs.chat_id, None, now=now),
            lambda: work.chats.turn(me, theirs.turn_id),
            lambda: work.check_ins.get(me, theirs.check_in_id),
            lambda: work.check_ins.save(me, theirs.check_in_id, {}, now=now),
            lambda: work.check_ins.stop(me, theirs.check_in_id, now=now),
            lambda: work.check_ins.complete(me, theirs.check_in_id, progress={}, result={}, now=now),
            lambda: work.check_ins.remove(me, theirs.check_in_id),
            lambda: work.exercises.get(me, theirs.exercise_id),
            lambda: work.exercises.save(me, theirs.exercise_id, {}, now=now),
            lambda: work.exercises.remove(me, theirs.exercise_id),
            lambda: work.trace.of(me, theirs.trace_seq),
        ]
        for getter in getters:
            with pytest.raises(AccessError, match=r"must be (one of this person's own|about this person), and is not"):
                await getter()
        for listed in (
            await work.chats.list(me),
            await work.check_ins.list(me),
            await work.exercises.list(me),
            await work.trace.about(me),
            await work.alerts.of(me),
        ):
            assert len(listed) == 1
            assert "doorframe" not in repr([vars(item) if hasattr(item, "__dict__") else item for item in listed])
