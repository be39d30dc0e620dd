%%% Event handler of Common Test whose events `tidings import --from common-test` reads.
%%%
%%%   erlc tidings_ct.erl
%%%   mkfifo run.events
%%%   tidings import --from common-test run.events &
%%%   ct_run -pa . -dir suites -event_handler_init tidings_ct '[{file,"'$PWD'/run.events"}]'
%%%
%%% Or in a test specification: {event_handler, tidings_ct, [{file, "/ci/run.events"}]}.
%%%
%%% One event is one line, `{event,Name,Node,Data}.` in UTF-8, and is in the file or pipe as soon
%%% as it is written. A process of its own writes, so that neither a pipe without a reader nor a
%%% slow one holds up the run, and nothing here ends the event manager. What could not be written
%%% is told on standard error at the end; as the end of the run is missing then as well, the
%%% import says that the stream was cut.
%%%
%%% Options: {file, Path}, a file or a pipe, from the root (Common Test moves to its log directory
%%% before it starts its handlers), and the only one that is needed;
%%% {append, true} continues a file that is there already, for `ct_run -repeat`;
%%% {close_timeout, Milliseconds} is how long the end of the run waits for the reader (10000).
-module(tidings_ct).
-behaviour(gen_event).

-export([init/1, handle_event/2, handle_call/2, handle_info/2, terminate/2]).

%% So many events wait at most for a reader; with one more it is given up.
-define(QUEUE_MAX, 100000).
-define(CLOSE_TIMEOUT_MS, 10000).
%% A pipe is open when it has a reader, a file at once.
-define(OPEN_WAIT_MS, 1000).

-record(state, {path, writer, written, taken = 0, close_timeout}).

init(Given) ->
    try
        start(options(Given))
    catch
        throw:{Format, Arguments} ->
            %% Common Test shows the reason in the middle of a crash report.
            say(Format ++ "~n", Arguments),
            {error, {?MODULE, lists:flatten(io_lib:format(Format, Arguments))}}
    end.

%% Common Test hands on what follows -event_handler_init as a string, and a test specification
%% the term that stands there.
options(Given) ->
    Options = case is_text(Given) of
        true -> parsed(string:trim(Given));
        false -> Given
    end,
    is_list(Options) orelse throw({"no options, nor a path: ~tp", [Options]}),
    [known(Option) || Option <- Options],
    File = proplists:get_value(file, Options),
    is_text(File) orelse throw({"the option {file, Path} is missing", []}),
    filename:pathtype(File) =:= absolute orelse
        throw({"~ts should be a path from the root (handlers start in the log directory)", [File]}),
    maps:from_list(Options).

known({file, _}) -> ok;
known({append, Is}) when is_boolean(Is) -> ok;
known({close_timeout, Ms}) when is_integer(Ms), Ms >= 0 -> ok;
known(Other) ->
    throw({"unknown option ~tp: there are file, append and close_timeout", [Other]}).

is_text(Term) -> is_list(Term) andalso Term =/= [] andalso io_lib:char_list(Term).

parsed("[" ++ _ = Text) ->
    maybe_term(erl_scan:string(Text ++ "."), Text);
parsed(Path) ->
    [{file, Path}].

maybe_term({ok, Tokens, _}, Text) ->
    case erl_parse:parse_term(Tokens) of
        {ok, Options} -> Options;
        {error, _} -> throw({"not a term of Erlang: ~ts", [Text]})
    end;
maybe_term(_, Text) ->
    throw({"not a term of Erlang: ~ts", [Text]}).

start(Options) ->
    Path = maps:get(file, Options),
    Written = atomics:new(1, []),
    Manager = self(),
    Modes = modes(Path, maps:get(append, Options, false)),
    {Writer, Monitor} = spawn_monitor(fun() -> writer(Manager, Path, Modes, Written) end),
    State = #state{
        path = Path,
        writer = Writer,
        written = Written,
        close_timeout = maps:get(close_timeout, Options, ?CLOSE_TIMEOUT_MS)
    },
    receive
        {Writer, opened} ->
            {ok, State};
        {'DOWN', Monitor, process, Writer, Reason} ->
            throw({"~ts cannot be opened: ~ts", [Path, file:format_error(Reason)]})
    after ?OPEN_WAIT_MS ->
        {ok, State}
    end.

%% A run that was recorded before is neither overwritten nor mixed with this one.
modes(Path, IsAppended) ->
    case {filelib:is_regular(Path), filelib:file_size(Path)} of
        {true, Bytes} when Bytes > 0, not IsAppended ->
            throw({"~ts is not empty: remove it, or say {append, true}", [Path]});
        {true, _} ->
            [raw, append];
        {false, _} ->
            [raw, write]
    end.

handle_event(Event, #state{writer = Writer, taken = Taken} = State) ->
    case process_info(Writer, message_queue_len) of
        {message_queue_len, Waiting} when Waiting < ?QUEUE_MAX ->
            Writer ! {event, Event},
            {ok, State#state{taken = Taken + 1}};
        undefined ->
            {ok, State#state{taken = Taken + 1}};
        {message_queue_len, _} ->
            %% What follows a gap could not be trusted.
            exit(Writer, kill),
            {ok, State#state{taken = Taken + 1}}
    end.

handle_call(_Request, State) ->
    {ok, {error, unknown_call}, State}.

handle_info(_Message, State) ->
    {ok, State}.

terminate(_Reason, #state{writer = Writer, close_timeout = CloseTimeout} = State) ->
    Monitor = monitor(process, Writer),
    Writer ! close,
    receive
        {'DOWN', Monitor, process, Writer, _} -> ok
    after CloseTimeout ->
        exit(Writer, kill)
    end,
    #state{path = Path, written = Written, taken = Taken} = State,
    case Taken - atomics:get(Written, 1) of
        0 -> ok;
        Left -> say("~b of ~b events were not written to ~ts~n", [Left, Taken, Path])
    end.

writer(Manager, Path, Modes, Written) ->
    _ = monitor(process, Manager),
    case file:open(Path, Modes) of
        {ok, File} ->
            Manager ! {self(), opened},
            write(File, Path, Written);
        {error, Reason} ->
            exit(Reason)
    end.

write(File, Path, Written) ->
    receive
        {event, Event} ->
            Line = unicode:characters_to_binary(io_lib:format("~tw.~n", [Event])),
            case file:write(File, Line) of
                ok ->
                    atomics:add(Written, 1, 1),
                    write(File, Path, Written);
                {error, Reason} ->
                    say("~ts: ~ts~n", [Path, file:format_error(Reason)])
            end;
        close ->
            file:close(File);
        {'DOWN', _, process, _, _} ->
            file:close(File)
    end.

%% Where nobody listens, nothing is to be done about it.
say(Format, Arguments) ->
    _ = (catch io:format(standard_error, "tidings_ct: " ++ Format, Arguments)),
    ok.
