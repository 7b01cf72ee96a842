"""The forecast of run-out counts what was lost: an entry with fewer than no days takes so many of what is left."""

from django.db import migrations

SUPPLY_END = """
CREATE OR REPLACE FUNCTION refills_supply_end(
    from_day date, filled_on date[], filled_days integer[], hold_from date[], hold_until date[], before date
) RETURNS date LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    ends date := from_day;
    starts date;
    lasting integer;
BEGIN
    FOR place IN 1 .. cardinality(filled_on) LOOP
        EXIT WHEN filled_on[place] >= before;
        IF filled_days[place] > 0 THEN
            starts := greatest(ends, filled_on[place]);
            lasting := filled_days[place];
        ELSE  -- a loss: of the days that are left, so many go
            starts := filled_on[place];
            CONTINUE WHEN ends <= starts;
            lasting := ends - starts + filled_days[place];
            FOR hold IN 1 .. cardinality(hold_from) LOOP
                CONTINUE WHEN hold_until[hold] IS NULL;
                lasting := lasting - greatest(0, least(hold_until[hold], ends) - greatest(hold_from[hold], starts));
            END LOOP;
            ends := starts;
            CONTINUE WHEN lasting <= 0;
        END IF;
        ends := starts + lasting;
        FOR hold IN 1 .. cardinality(hold_from) LOOP
            CONTINUE WHEN hold_until[hold] IS NULL OR hold_from[hold] >= ends;
            ends := ends + greatest(0, hold_until[hold] - greatest(hold_from[hold], starts));
        END LOOP;
    END LOOP;
    RETURN ends;
END $$
"""
FORECAST = """
CREATE OR REPLACE FUNCTION refills_forecast(
    from_day date, today date, filled_on date[], filled_days integer[],
    issued_on date[], days integer[], refills integer[], used integer[], expires_on date[], ended_on date[],
    hold_from date[], hold_until date[],
    OUT supply_end date, OUT authorised_end date, OUT remaining integer, OUT confirmed boolean
) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    known_on date[] := filled_on;
    known_days integer[] := filled_days;
    had integer[] := used;
    due date;
    first date;
    fills_left integer;
    before integer;
BEGIN
    FOR place IN 1 .. cardinality(issued_on) LOOP
        CONTINUE WHEN used[place] > 0;  -- what nobody told of is assumed filled when it was due
        WHILE had[place] <= refills[place] LOOP
            due := greatest(
                refills_supply_end(from_day, known_on, known_days, hold_from, hold_until, ended_on[place]),
                issued_on[place]
            );
            EXIT WHEN due > least(today, coalesce(expires_on[place], today));
            EXIT WHEN due >= ended_on[place];
            before := (SELECT count(*) FROM unnest(known_on) AS one WHERE one <= due);
            known_on := known_on[:before] || due || known_on[before + 1:];
            known_days := known_days[:before] || days[place] || known_days[before + 1:];
            had[place] := had[place] + 1;
        END LOOP;
    END LOOP;
    supply_end := refills_supply_end(from_day, known_on, known_days, hold_from, hold_until, NULL);
    confirmed := 0 < ANY (filled_days) AND cardinality(known_on) = cardinality(filled_on);
    authorised_end := supply_end;
    remaining := 0;
    FOR place IN 1 .. cardinality(issued_on) LOOP
        CONTINUE WHEN ended_on[place] IS NOT NULL;
        fills_left := greatest(0, refills[place] + 1 - had[place]);
        first := greatest(authorised_end, today);
        IF first > expires_on[place] THEN
            fills_left := 0;
        ELSIF expires_on[place] IS NOT NULL THEN
            fills_left := least(fills_left, (expires_on[place] - first) / days[place] + 1);
        END IF;
        authorised_end := authorised_end + days[place] * fills_left;
        remaining := remaining + fills_left;
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("medications_refills", "0004_forecast_in_the_database"), ("medications_prescribing", "0006_lost_supplies")
    ]  # fmt: skip

    # Without losses they answer as before, so there is nothing to take back.
    operations = [
        migrations.RunSQL(SUPPLY_END, migrations.RunSQL.noop),
        migrations.RunSQL(FORECAST, migrations.RunSQL.noop),
    ]
