create table products (
  id integer primary key,
  name text not null,
  blurb text not null,
  price_cents integer not null check (price_cents > 0),
  picture text not null
);

insert into products (id, name, blurb, price_cents, picture) values
  (1, 'Storm lantern', 'Brass and glass. Burns through the night and the next one too.', 6900, 'lantern'),
  (2, 'Wool watch cap', 'Knitted twice as thick as it has to be.', 2900, 'cap'),
  (3, 'Deck mug', 'Enamel, half a litre, survives the fall you know will come.', 1800, 'mug'),
  (4, 'Field compass', 'Points north. Has never been wrong about it.', 4900, 'compass'),
  (5, 'Dry bag, 20 l', 'Rolled shut three times, it floats.', 3900, 'bag'),
  (6, 'Signal flag set', 'All forty, cotton, in a canvas roll.', 12900, 'flags'),
  (7, 'Rope, 30 m', 'Three strands of hemp, spliced at both ends.', 3400, 'rope'),
  (8, 'Tide almanac', 'A year of high water, with room for notes.', 2200, 'book');
