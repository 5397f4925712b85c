/**
 * Statements of the prepared store. A poll reads by one of them, since each takes locks of its own.
 * Each finds its rows by an index, whatever the number of devices.
 */
export const READ = {
  device: `
    select c.device_id as deviceId, c.token_digest as tokenDigest, c.reach,
      p.seen_at as seenAt, p.reported_at as reportedAt, p.told_task_id as toldTaskId,
      t.state as toldState, p.installed_task_id as installedTaskId,
      s.id as shownId, s.rollout_id as shownRolloutId, s.state as shownState,
      s.attempts as shownAttempts
    from carrier_customers c
    left join carrier_polling p on p.device_id = c.device_id
    left join carrier_tasks t on t.id = p.told_task_id
    left join carrier_tasks s on s.device_id = c.device_id
      and s.state in ('connecting', 'downloading', 'awaiting-answer')
    where c.device_id = ?
    order by s.id`,
  task: `
    select t.id, t.rollout_id as rolloutId, t.device_id as deviceId, t.state, t.attempts, t.reason,
      t.sent_bytes as sentBytes, t.total_bytes as totalBytes, t.confirmed_at as confirmedAt,
      c.ip_address as ipAddress, c.manager_name as managerName, c.manager_email as managerEmail,
      c.time_zone as timeZone, r.software_name as softwareName, r.version, r.digest, r.settings,
      r.additional
    from carrier_tasks t
    join carrier_customers c on c.device_id = t.device_id
    join carrier_rollouts r on r.id = t.rollout_id
    where t.id = ? and r.digest is not null`,
  attributes: 'select attributes from carrier_polling where device_id = ?',
  reports: `
    select task_id as taskId, at, execution, finished, details,
      (select count(*) from carrier_action_reports where task_id = r.task_id) as count
    from carrier_action_reports r where task_id = ? order by id desc limit 1`,
  setting: 'select value from carrier_settings where name = ?',
} as const

export const WRITE = {
  task: `
    update carrier_tasks set state = @state, attempts = @attempts, next_at = @nextAt,
      reason = @reason, downloaded_at = @downloadedAt, changed_at = @at
    where id = @id and state = @wasState and attempts = @wasAttempts`,
  progress: `
    update carrier_tasks set sent_bytes = max(sent_bytes, @sentBytes), total_bytes = @totalBytes,
      reason = @reason, next_at = @nextAt
    where id = @taskId and state = 'downloading'`,
  report: `
    insert into carrier_action_reports (task_id, at, execution, finished, details)
    values (@taskId, @at, @execution, @finished, @details)`,
  outbox: `
    insert into carrier_outbox (key, kind, payload, attempts, next_at)
    values (@key, @kind, @payload, 0, @at) on conflict (key) do nothing`,
  closed: `
    insert into carrier_polling (device_id, seen_at, attributes, installed_task_id)
    values (@deviceId, @at, '{}', @installed)
    on conflict (device_id) do update set seen_at = @at,
      told_task_id = nullif(told_task_id, @taskId),
      reported_at = iif(@installed is null, reported_at, null),
      installed_task_id = coalesce(@installed, installed_task_id)`,
  attributes: `
    insert into carrier_polling (device_id, seen_at, attributes, reported_at)
    values (@deviceId, @at, @attributes, @at)
    on conflict (device_id) do update set seen_at = @at, attributes = @attributes, reported_at = @at`,
  software: `
    update carrier_customers set software_name = coalesce(@name, software_name),
      software_version = @version, changed_at = @at
    where device_id = @deviceId`,
  confirmed: `
    update carrier_tasks set confirmed_at = coalesce(confirmed_at, @at), changed_at = @at
    where id = @taskId`,
  seen: `
    insert into carrier_polling (device_id, seen_at, attributes, told_task_id)
    values (@deviceId, @at, '{}', @toldTaskId)
    on conflict (device_id) do update set seen_at = max(seen_at, @at),
      told_task_id = coalesce(@toldTaskId, told_task_id)`,
  keepSetting: `
    insert into carrier_settings (name, value) values (@name, @value)
    on conflict (name) do update set value = @value`,
  removeSetting: 'delete from carrier_settings where name = ?',
} as const
