package qqcommon;

/** What a message is, as the QQ series has it. */
public interface MessageType {
    String MESSAGE_LOGIN_SUCCEED = "1";
    String MESSAGE_LOGIN_FAIL = "2";
    String MESSAGE_COMM_MES = "3";
    String MESSAGE_GET_ONLINE_FRIEND = "4";
    String MESSAGE_RET_ONLINE_FRIEND = "5";
    String MESSAGE_CLIENT_EXIT = "6";
    String MESSAGE_TO_ALL_MES = "7";
    String MESSAGE_FILE_MES = "8";
}
