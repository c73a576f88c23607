-- One row per order: the key by which a repeated message is recognised, and how far the order has come.
-- Amounts are whole numbers of the currency's minor unit.
CREATE TABLE orders (
    order_id          text PRIMARY KEY,
    customer_id       text NOT NULL,
    currency          text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    digest            text NOT NULL,
    total_minor       bigint NOT NULL CHECK (total_minor >= 0),
    catalogue_version text NOT NULL,
    placed_at         timestamptz NOT NULL,
    priced_at         timestamptz NOT NULL,
    stored_at         timestamptz NOT NULL DEFAULT now(),
    archived_at       timestamptz,
    replied_at        timestamptz
);

CREATE TABLE order_lines (
    order_id         text NOT NULL REFERENCES orders ON DELETE CASCADE,
    position         integer NOT NULL CHECK (position >= 0),
    sku              text NOT NULL,
    quantity         integer NOT NULL CHECK (quantity > 0),
    unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
    line_total_minor bigint NOT NULL CHECK (line_total_minor >= 0),
    PRIMARY KEY (order_id, position)
);
