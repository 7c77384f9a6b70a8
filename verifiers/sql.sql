CREATE TABLE author (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  country TEXT,
  born INTEGER
);
CREATE TABLE book (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  author_id INTEGER REFERENCES author (id),
  genre TEXT NOT NULL,
  price REAL,
  pages INTEGER NOT NULL,
  published TEXT
);
CREATE TABLE loan (
  id INTEGER PRIMARY KEY,
  book_id INTEGER NOT NULL REFERENCES book (id),
  reader TEXT NOT NULL,
  taken TEXT NOT NULL,
  returned TEXT
);
INSERT INTO author VALUES
  (1, 'Ada Moor', 'Peru', 1951), (2, 'Ben Stone', NULL, 1962), (3, 'Cleo Hart', 'Chad', NULL), (4, 'Dan Voss', 'Peru', 1951);
INSERT INTO book VALUES
  (1, 'Ash', 1, 'novel', 12.5, 210, '2019-03-01'), (2, 'Birch', 1, 'poems', 8.25, 90, '2020-12-31'),
  (3, 'Cedar', 2, 'novel', NULL, 300, '2021-01-01'), (4, 'Dogwood', NULL, 'essay', 15.0, 160, NULL),
  (5, 'Elm', 3, 'novel', 12.5, 210, '2021-07-15'), (6, 'Fir', 3, 'poems', 20.75, 120, '2022-02-28');
INSERT INTO loan VALUES
  (1, 1, 'Ina', '2023-01-05', '2023-01-20'), (2, 1, 'Jon', '2023-02-01', NULL), (3, 3, 'Ina', '2023-02-03', '2023-02-10'),
  (4, 5, 'Kim', '2023-02-03', '2023-03-01'), (5, 6, 'Ina', '2023-03-10', NULL), (6, 5, 'Jon', '2023-04-01', '2023-04-02');
