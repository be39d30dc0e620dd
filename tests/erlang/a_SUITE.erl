%%% Every outcome that Common Test has: 7 pass, 4 fail and 4 are skipped, as `./test-erlang` asserts.
-module(a_SUITE).
-compile([export_all, nowarn_export_all]).

-include_lib("common_test/include/ct.hrl").

all() ->
    [passes, fails, exits, skips, says, teardown_fails, setup_fails, {group, many}, {group, broken}].

%% `many` runs twice, and each time counts.
groups() ->
    [{many, [{repeat, 2}], [again, and_again]}, {broken, [], [never, never_either]}].

init_per_group(broken, _Config) -> exit(no_disk);
init_per_group(_, Config) -> Config.

end_per_group(_, _Config) -> ok.

init_per_testcase(setup_fails, _Config) -> exit(no_setup);
init_per_testcase(_, Config) -> Config.

end_per_testcase(teardown_fails, _Config) -> exit(busy);
end_per_testcase(_, _Config) -> ok.

passes(_) -> ok.
fails(_) -> 1 = length([a, b]).
exits(_) -> exit("größer als 🙂 ist nichts").
skips(_) -> {skip, "not today"}.
says(_) -> ct:pal("~ts", ["größer"]), {comment, "with a comment"}.
teardown_fails(_) -> ok.
setup_fails(_) -> ok.
again(_) -> ok.
and_again(_) -> ok.
never(_) -> ok.
never_either(_) -> ok.
