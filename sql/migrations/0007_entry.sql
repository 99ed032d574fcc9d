-- People and how they come in (security.md §4), and what is told of what they did (§7). These tables are small and every bucket reads
-- them, as organisations are; audit events belong to an organisation and its bucket. What must not be read by pages (hashes, sealed
-- secrets) is reached only by functions of the owner.
set local role khop_owner;

-- The province and its communes and wards, by their official numbers. An organisation lies in one.
create table khop.area (
    area_id int4 primary key check (area_id between 1 and 99999),
    parent_id int4 references khop.area,
    kind text not null check (kind in ('province', 'commune', 'ward')),
    name text not null check (name <> ''),
    check ((kind = 'province') = (parent_id is null))
);
alter table khop.org add column area_id int4 references khop.area;

-- Scopes: 1 read, 2 issue, 4 accountant, 8 admin, 16 approve, 32 vend, 64 pay_make, 128 pay_check, 256 audit.
alter table khop.api_token drop constraint api_token_scopes_check;
alter table khop.api_token add constraint api_token_scopes_check check (scopes between 1 and 511);

-- A person who signs in. `pepper` is the number of the key that the password was keyed with; totp_step the last step that was used.
create table khop.app_user (
    user_id int8 primary key check (user_id between 1 and 281474976710655),
    login text not null unique check (login ~ '^[a-z0-9][a-z0-9._@-]{1,63}$'),
    name text not null check (name <> ''),
    password text not null,
    pepper int2 not null,
    totp_sealed bytea,
    totp_step int8 not null default 0,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    disabled_at timestamptz,
    signed_in_at timestamptz
) with (fillfactor = 70);

-- What a person is in an organisation; one who is two things there has two rows.
create table khop.membership (
    user_id int8 not null references khop.app_user,
    org_id int8 not null references khop.org,
    role text not null check (role in ('administrator', 'accountant', 'principal', 'vendor', 'commune_maker', 'commune_checker', 'auditor')),
    created_at timestamptz not null,
    created_by int8 not null,
    ended_at timestamptz,
    ended_by int8,
    primary key (user_id, org_id, role)
);
create index membership_of_org on khop.membership (org_id, user_id);

-- A signed-in browser. Stage 1 has given the password and owes the second factor (or has to set one up): it may do nothing else.
-- fresh_at: when the person last proved to be there. scopes are those of the role; a change of roles ends the session.
create table khop.session (
    session_id int8 primary key,
    session_hash bytea not null unique check (octet_length(session_hash) = 32),
    user_id int8 not null references khop.app_user,
    stage int2 not null check (stage in (1, 2)),
    org_id int8 not null references khop.org,
    bucket int4 not null,
    role text not null,
    scopes int4 not null,
    idle_s int4 not null check (idle_s > 0),
    created_at timestamptz not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null,
    fresh_at timestamptz not null,
    ended_at timestamptz,
    ip text,
    agent text
) with (fillfactor = 50);
create index session_of_user on khop.session (user_id, created_at) where ended_at is null;
create index session_ended on khop.session (expires_at);

-- How often something failed: an account, a known device, a second factor. `budget` is the SHA-256 of what is counted.
create table khop.login_budget (
    budget bytea primary key check (octet_length(budget) = 32),
    failures int4 not null check (failures >= 0),
    since timestamptz not null,
    next_at timestamptz not null
) with (fillfactor = 50);

-- A link that lets somebody choose a password: to join with a role, or because the old one is forgotten.
create table khop.invitation (
    invitation_id int8 primary key,
    token_hash bytea not null unique check (octet_length(token_hash) = 32),
    purpose text not null check (purpose in ('join', 'reset')),
    org_id int8 not null references khop.org,
    role text,
    login text not null,
    name text,
    created_at timestamptz not null,
    created_by int8 not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    ended_at timestamptz,
    check ((purpose = 'join') = (role is not null))
);
create index invitation_of_org on khop.invitation (org_id, invitation_id) where used_at is null and ended_at is null;

create table khop.recovery_code (
    user_id int8 not null references khop.app_user,
    code_hash bytea not null check (octet_length(code_hash) = 32),
    used_at timestamptz,
    primary key (user_id, code_hash)
);

-- What the first administrator types to show that the machine is his.
create table khop.setup_code (
    code_hash bytea primary key check (octet_length(code_hash) = 32),
    created_at timestamptz not null
);

-- What has been done, by whom, from where; of an organisation, or of the installation (org_id 0). Rows of an organisation are a chain:
-- hash = sha256(hash of the row before, what the row says), so that none can be taken out or changed without breaking it.
create table khop.audit_event (
    bucket int4 not null,
    org_id int8 not null,
    seq int8 not null check (seq > 0),
    at timestamptz not null,
    actor int8,      -- a user or an API token
    session8 text,   -- the first eight digits of the session's hash
    ip text,
    req text,
    action text not null,
    object text,
    result text not null,
    detail text,
    hash bytea not null check (octet_length(hash) = 32),
    primary key (bucket, org_id, seq)
);
create table khop.audit_head (
    bucket int4 not null,
    org_id int8 not null,
    next_seq int8 not null default 1,
    hash bytea not null default decode(repeat('00', 32), 'hex'),
    primary key (bucket, org_id)
) with (fillfactor = 50);

select khop.table_protect(t::regclass)
  from unnest(array['khop.membership', 'khop.session', 'khop.invitation', 'khop.audit_event', 'khop.audit_head']) t;

grant select on khop.area, khop.membership, khop.audit_event to khop_fn_org;
grant select (user_id, login, name, created_at, disabled_at, signed_in_at) on khop.app_user to khop_fn_org;
grant select (session_id, user_id, stage, org_id, role, created_at, seen_at, expires_at, ended_at) on khop.session to khop_fn_org;
grant select (invitation_id, purpose, org_id, role, login, name, created_at, created_by, expires_at, used_at, ended_at) on khop.invitation to khop_fn_org;
