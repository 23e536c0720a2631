"""A small schema with every kind of column and of reference, for both databases, and rows that are hard to write."""

SQLITE = """
    CREATE TABLE makers (id INTEGER PRIMARY KEY AUTOINCREMENT, email VARCHAR(80) NOT NULL UNIQUE, partner_id INTEGER
        REFERENCES makers (id), best_id INTEGER REFERENCES things (id));
    CREATE TABLE things (
        id INTEGER PRIMARY KEY AUTOINCREMENT, maker_id INTEGER NOT NULL REFERENCES makers (id),
        name VARCHAR(20) NOT NULL, note TEXT, price NUMERIC(10, 2), weight FLOAT, sold BOOLEAN NOT NULL,
        at DATETIME, day DATE, hour TIME, data JSON, token CHAR(32), raw BLOB,
        twice INTEGER GENERATED ALWAYS AS (id * 2)
    );
"""
POSTGRES = """
    CREATE TABLE makers (id serial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE,
        partner_id int REFERENCES makers (id), best_id int);
    CREATE TABLE things (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, maker_id int NOT NULL REFERENCES makers (id),
        name varchar(20) NOT NULL, note text, price numeric(10, 2), weight double precision, sold boolean NOT NULL,
        at timestamptz, day date, hour time, data json, token uuid, raw bytea,
        twice int GENERATED ALWAYS AS (id * 2) STORED
    );
    ALTER TABLE makers ADD CONSTRAINT best FOREIGN KEY (best_id) REFERENCES things (id);
"""
ROWS = (
    r"""{"makers": {"id":1,"email":"ann@example.com","partner_id":2,"best_id":2}}
{"makers": {"id":2,"email":"Zoë \"Z\" \\n@example.com","partner_id":1,"best_id":null}}
{"things": {"id":1,"maker_id":1,"name":"","note":null,"price":"0.10","weight":0.30000000000000004,"sold":true,"""
    r""""at":"2030-01-02T03:04:05.000006Z","day":"2030-01-02","hour":"03:04:05.000006","data":{"a":[1,null,"x\ny"]},"""
    r""""token":"00112233-4455-6677-8899-aabbccddeeff","raw":"\\x00ff"}}
{"things": {"id":2,"maker_id":2,"name":"tab\tline\nend\\","note":"","price":null,"weight":-2.5,"sold":false,"""
    r""""at":null,"day":null,"hour":null,"data":null,"token":null,"raw":null}}
"""
)
"""As a dump writes them. Two makers are each other's partner, and the first one's best thing comes later."""
