"""Who may do what in a PostgreSQL database: it stays so when another database takes its place.

Rights belong to the server that a database is on, as its roles do, and not to a backup, which may go to another one.
"""

from typing import Any

from oppman import console

_TO = (
    "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END"
    " || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END"
)
_OURS = "nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"
# What everybody may do by default is taken away first, where the database says anything else.
_STATEMENTS = f"""
    SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $1::text) FROM pg_database
    WHERE datname = current_database() AND datacl IS NOT NULL
    UNION ALL
    SELECT format('GRANT %s ON DATABASE %I TO %s', privilege_type, $1::text, {_TO})
    FROM pg_database, aclexplode(datacl) WHERE datname = current_database() AND grantee <> datdba
    UNION ALL
    SELECT format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', nspname) FROM pg_namespace
    WHERE nspacl IS NOT NULL AND {_OURS}
    UNION ALL
    SELECT format('GRANT %s ON SCHEMA %I TO %s', privilege_type, nspname, {_TO})
    FROM pg_namespace, aclexplode(nspacl) WHERE grantee <> nspowner AND {_OURS}
    UNION ALL
    SELECT format('GRANT %s ON %s %I.%I TO %s', privilege_type,
        CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, nspname, relname, {_TO})
    FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace, aclexplode(relacl)
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND grantee <> relowner AND {_OURS}
    UNION ALL
    SELECT format('GRANT %s (%I) ON TABLE %I.%I TO %s', privilege_type, attname, nspname, relname, {_TO})
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace,
        aclexplode(attacl) WHERE NOT attisdropped AND {_OURS}
    UNION ALL
    SELECT format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', p.oid::regprocedure)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE proacl IS NOT NULL AND {_OURS}
    UNION ALL
    SELECT format('GRANT %s ON ROUTINE %s TO %s', privilege_type, p.oid::regprocedure, {_TO})
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace, aclexplode(proacl)
    WHERE grantee <> proowner AND {_OURS}
    UNION ALL
    SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s GRANT %s ON %s TO %s', pg_get_userbyid(defaclrole),
        CASE WHEN nspname IS NULL THEN '' ELSE format(' IN SCHEMA %I', nspname) END, privilege_type,
        CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES'
            WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' END, {_TO})
    FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace, aclexplode(defaclacl)
    WHERE grantee <> defaclrole AND defaclobjtype IN ('r', 'S', 'f', 'T', 'n')
"""  # noqa: S608


async def copy(live: Any, new: Any, name: str) -> None:
    """Grant in the database `name`, which the connection `new` is in, what is granted in that of `live`.

    What is not in the new one is passed over. A right that our user cannot give is told.
    """
    from asyncpg import InsufficientPrivilegeError, SyntaxOrAccessError

    for (statement,) in await live.fetch(_STATEMENTS, name):
        try:
            await new.execute(statement)
        except InsufficientPrivilegeError as problem:
            console.warn(f"A right was not kept ({problem}): {statement.replace(name, 'it')}")
        except SyntaxOrAccessError:  # there is no such table, column, schema or function
            continue
