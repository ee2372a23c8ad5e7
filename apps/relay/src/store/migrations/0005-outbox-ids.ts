/**
 * No id of the outbox is given twice. It is empty most of the time, and a plain `integer primary key`
 * begins again at 1 then: a settlement that came late would take a newer hold out, untold. MariaDB
 * never gave an id twice.
 */
export const outboxIds: readonly string[] = [
  `create table hold_outbox_next (
    id integer primary key autoincrement,
    service integer not null,
    attachment_id text not null,
    holder text not null,
    held integer not null
  ) strict`,
  `insert into hold_outbox_next (id, service, attachment_id, holder, held)
    select id, service, attachment_id, holder, held from hold_outbox order by id`,
  `drop table hold_outbox`,
  `alter table hold_outbox_next rename to hold_outbox`,
]
