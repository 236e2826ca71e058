create table orders (
  id uuid primary key,
  placed_at timestamptz not null default now(),
  total_cents integer not null,
  served_by text not null
);

create table order_lines (
  order_id uuid not null references orders (id) on delete cascade,
  product_id integer not null references products (id),
  quantity integer not null check (quantity > 0),
  price_cents integer not null,
  primary key (order_id, product_id)
);
